/** Every word on the page, in Korean. */
import type { Words } from '../entry.ts'
import { audit } from './audit.ts'
import { consult } from './consult.ts'
import { cyber } from './cyber.ts'
import { dialogue } from './dialogue.ts'
import { docket } from './docket.ts'
import { drafts } from './drafts.ts'
import { exercise } from './exercise.ts'
import { form } from './form.ts'
import { frame } from './frame.ts'
import { hotline } from './hotline.ts'
import { learn } from './learn.ts'
import { office } from './office.ts'
import { region } from './region.ts'
import { replay } from './replay.ts'
import { supply } from './supply.ts'
import { watch } from './watch.ts'

export const ko: Words = {
  ...frame,
  ...watch,
  ...office,
  ...hotline,
  ...audit,
  ...consult,
  ...dialogue,
  ...cyber,
  ...supply,
  ...region,
  ...docket,
  ...replay,
  ...learn,
  ...drafts,
  ...exercise,
  ...form,
}
