/** Where the rooms lie that have a folder of their own: `<room>/<Room>Room.svelte`. */
const folders = Object.keys(import.meta.glob(['./*/*Room.svelte', '!./frame/*'])).map((path) => path.split('/')[1] ?? '')

const FIRST: readonly string[] = ['watch', 'hotline', 'consult', 'dialogue', 'cyber', 'supply', 'region', 'docket']

/** All rooms, in the order of their keys. */
export const ROOMS: readonly string[] = [...FIRST, ...folders.filter((one) => !FIRST.includes(one)).sort()]
