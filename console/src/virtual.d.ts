declare module 'virtual:symbols' {
  export interface Drawing {
    readonly svg: string
    readonly width: number
    readonly height: number
    readonly x: number
    readonly y: number
  }
  const drawings: Readonly<Record<string, Drawing>>
  export default drawings
}
