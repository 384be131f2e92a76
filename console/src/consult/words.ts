/** Where a text stands, in words. */
import type { Member } from '../picture.ts'
import { listed, memberName, utc } from '../say.ts'
import { t } from '../strings.ts'
import type { Level } from '../urgency.ts'
import { type ConsultationRow, type TextRow, type TextState, type VoteRow, REMARKS } from './course.ts'
import { toldWords } from '../told.ts'

export const TEXT_LEVELS: Record<TextState, Level> = {
  open: 'caution',
  provisional: 'serious',
  adopted: 'normal',
  broken: 'standby',
  overtaken: 'off',
}

/** `provisional, waiting for KOR`, `adopted 12:03 UTC with 1 reservation`, `broken by JPN: amendment`. */
export function textState(text: TextRow): string {
  switch (text.state) {
    case 'open':
      return t('text.open', { members: listed(text.waits_for) })
    case 'provisional':
      return t('text.provisional', { members: listed(text.waits_for) })
    case 'adopted': {
      const adopted = t('text.adopted', { time: lastVote(text) })
      const counted = REMARKS.map((what) => [what, text.remarks.filter((one) => one.what === what).length] as const)
      const remarks = counted.filter(([, n]) => n > 0).map(([what, n]) => t(`count.${what}`, { n }))
      return remarks.length > 0 ? `${adopted} ${t('text.with', { remarks: listed(remarks) })}` : adopted
    }
    case 'broken': {
      const by = text.votes.filter(({ vote }) => vote === 'objected' || vote === 'amended' || vote === 'left')
      return by.length > 0
        ? t('text.broken.by', { who: listed(by.map((one) => `${one.member}: ${t(`broken.${one.vote as 'left'}`)}`)) })
        : t('text.broken')
    }
    case 'overtaken':
      return t('text.overtaken')
  }
}

/** Which members wait, and how far the text came to each: `KOR: text delivered, shown to nobody`. */
export function waitsBecause(text: TextRow): readonly string[] {
  return text.votes
    .filter(({ member }) => text.waits_for.includes(member))
    .map((vote) => `${vote.member}: ${carried(vote)}`)
}

/** How far a text came to a member that has not voted. */
export function carried({ held_at, shown_to }: VoteRow): string {
  if (held_at === null) return t('vote.unheld')
  if (shown_to.length === 0) return t('vote.unshown')
  return t('vote.shown', { offices: listed(shown_to) })
}

export function voteWords(vote: VoteRow): string {
  return vote.vote === null ? carried(vote) : t(`vote.${vote.vote}`)
}

/** The time of the last assent, which made it complete. */
function lastVote({ votes, at }: TextRow): string {
  const times = votes.map((vote) => vote.at ?? at).sort()
  return utc(times.at(-1) ?? at).slice(0, 5)
}

/** What stands in the frame of every page for one consultation. */
export function courseLine(row: ConsultationRow): string {
  return toldWords('rooms', row.state) || t(`stage.${row.stage}`)
}

export function names(codes: readonly string[], members: readonly Member[]): string {
  return listed(codes.map((code) => memberName(code, members)))
}
