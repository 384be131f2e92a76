/** What a node is asked and says. Written by scripts/write_api.py from the OpenAPI document; do not edit. */

/** A moment, ISO 8601 with its offset. */
export type Moment = string

/** An office of ours is no more. What it promised passes to `successor`, which is open; without one, to nobody. */
export interface AbolishOfficeAsk {
  readonly office: string
  readonly reason: string
  readonly successor?: string | null
}

/** Who and where this is, what time it is here, and who is looking. */
export interface About {
  readonly member: string
  readonly name: string
  readonly compact: string
  readonly exercise: string | null
  readonly title: string
  readonly world: string
  readonly banner: string
  readonly now: Moment
  readonly real: Moment
  readonly rate: number
  readonly version: string
  readonly officer: string | null
  readonly members: readonly MemberRow[]
  readonly worlds: readonly WorldLink[]
  readonly links: readonly NodeSiteLinkRow[]
  readonly replay: Replay | null
}

/** Take this offer for this request of ours. Those are told who were told of both. */
export interface AcceptHelpAsk {
  readonly request: string
  readonly offer: string
  readonly language: string
  readonly text: string
}

/** That who asked took an offer, with the words. */
export interface AcceptanceRow {
  readonly record: string
  readonly offer: string
  readonly at: Moment
  readonly language: string
  readonly text: string
}

/** How many forks of one member are proven, how many only claimed, and how often it accused falsely. */
export interface Account {
  readonly member: string
  readonly proven: number
  readonly claimed: number
  readonly false_accusations: number
}

/** Tell all who have this alert that your office has read it. */
export interface AcknowledgeAlertAsk {
  readonly alert: string
  readonly office: string
}

/** Acknowledge a message for your office. `readback`, in your own words, where the message wants one. */
export interface AcknowledgeAsk {
  readonly message: string
  readonly office: string
  readonly readback?: string | null
}

/** An office of ours does this until then, as follows from the adopted text; `option` is one of that text. */
export interface ActAsk {
  readonly consultation: string
  readonly office: string
  readonly words: string
  readonly due_at: Moment
  readonly option?: string | null
}

/** What follows from an adopted text. */
export interface ActionRow {
  readonly id: string
  readonly member: string
  readonly office: string
  readonly words: string
  readonly due_at: Moment
  readonly option: string | null
}

/** What a member would do in an option: what caveats speak of. */
export type Activity = 'statement' | 'sanctions' | 'export-measures' | 'information-sharing' | 'surveillance' | 'cyber-defence' | 'evacuation' | 'humanitarian-relief' | 'logistical-support' | 'missile-defence' | 'exercise' | 'deployment' | 'use-of-force'

/**
 * One version of an object in a collection, in the order in which our node took it in.
 *
 * `position` grows with every record, is never given twice and has gaps. `added` is the time by our own clock.
 * `version` is `modified`, else `created`, else "". `stix` is as its author wrote it: `tlp.leaving` gives it the
 * marking with which it may leave this house. None in a manifest.
 */
export interface Added {
  readonly position: number
  readonly added: Moment
  readonly id: string
  readonly type: string
  readonly version: string
  readonly spec_version: string
  readonly tlp: Tlp
  readonly label: Label
  readonly record: string
  readonly stix: unknown | null
}

/**
 * Advise those whom `label.rel_to` names. `versions` are the same in other languages.
 *
 * `objects` must be here, for no fewer than `label` names and no more strictly marked. `replaces`: ours that it
 * stands in the place of.
 */
export interface AdviseAsk {
  readonly severity: CyberRecordsSeverity
  readonly language: string
  readonly title: string
  readonly text: string
  readonly label: Label
  readonly advice?: string
  readonly versions?: readonly CyberRecordsVersion[]
  readonly objects?: readonly string[]
  readonly replaces?: string | null
}

/** The advisories said last, newest first. */
export interface Advisories {
  readonly now: Moment
  readonly advisories: readonly AdvisoryRow[]
}

/**
 * What our house advises against an attack or a weakness, in several languages, the original first.
 *
 * `title`, `text` and `language` are those of the original. `objects` are STIX objects that it is about; their
 * records stand in `about`. One that `replaces` another of the same member stands in its place.
 */
export interface Advisory {
  readonly severity: CyberRecordsSeverity
  readonly language: string
  readonly title: string
  readonly text: string
  readonly advice: string
  readonly versions: readonly CyberRecordsVersion[]
  readonly objects: readonly string[]
  readonly replaces: string | null
}

/** An advisory as it stands. `closed` says why it needs nobody's attention any more. */
export interface AdvisoryRow {
  readonly id: string
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly severity: CyberRecordsSeverity
  readonly advisory: Advisory
  readonly label: Label
  readonly banner: string
  readonly closed: string | null
  readonly replaced_by: string | null
}

/**
 * A drafted agenda, to be looked through and set; its label is the strictest of its points.
 *
 * For our own house only: `left_out` is how many open things are for fewer than those who meet, and `more` how many
 * did not fit. Neither is in what is set.
 */
export interface AgendaDraft {
  readonly items: readonly AgendaItem[]
  readonly ask: SetAgendaAsk | null
  readonly left_out: number
  readonly more: number
}

/** A point of an agenda: an item of the docket by its subject, with the records that say it, or a title alone. */
export interface AgendaItem {
  readonly title: string
  readonly language: string
  readonly summary: string
  readonly subject: string
  readonly records: readonly string[]
}

/** The agenda as its convener set it last. */
export interface AgendaRow {
  readonly id: string
  readonly language: string
  readonly items: readonly AgendaItem[]
  readonly said_at: Moment
  readonly label: Label
  readonly banner: string
}

/**
 * Which office of which member has read an alert, or one that it replaced.
 *
 * `alert` is the record that was read; it `counts` unless the alert has named another area since.
 */
export interface AlertAcknowledgement {
  readonly member: string
  readonly office: string
  readonly by: string
  readonly at: Moment
  readonly alert: string
  readonly counts: boolean
}

/** Why a member is alerted. */
export type AlertReason = 'launch' | 'overflight' | 'impact'

/** Where an alert stands. Predicted is not observed. */
export type AlertState = 'predicted' | 'withdrawn' | 'ended'

/** Alerts as they were said, newest first. */
export interface Alerts {
  readonly at: Moment
  readonly alerts: readonly StandingAlert[]
}

/** Say how the text would have to read: as it stands it is never adopted. Each edit fits once in its version. */
export interface AmendAsk {
  readonly text: string
  readonly edits: readonly Edit[]
  readonly language: string
  readonly reason: string
}

/** Put an incident of ours right: all of it as it is said now, and why. Those are told who were told of it. */
export interface AmendIncidentAsk {
  readonly incident: string
  readonly amended: Incident
  readonly reason: string
}

/** That the incident was changed, and why. */
export interface Amendment {
  readonly at: Moment
  readonly language: string
  readonly reason: string
}

/** At that time the audit had so many lines, chained to this. */
export interface Anchor {
  readonly record: string
  readonly at: Moment
  readonly line: number
  readonly chain: string
}

/** The audit's anchors, the last first. */
export interface Anchors {
  readonly anchors: readonly Anchor[]
}

/** An exercise is to be held; `starts_at` is its own time when play begins. */
export interface AnnounceAsk {
  readonly exercise: string
  readonly title: string
  readonly starts_at: Moment
  readonly scenario_sha256: string
  readonly label: Label
}

/** Answer a check for an office, with the counterword that stands in its text. */
export interface AnswerCheck {
  readonly check: string
  readonly office: string
  readonly counterword: string
}

/**
 * What we know of it. `grade`: how far the source is to be trusted (A-F) and how likely it is true (1-6).
 *
 * No grade when we do not know, or may not tell. `label.rel_to` holds who asked, and nobody who was not asked.
 */
export interface AnswerInformationAsk {
  readonly request: string
  readonly language: string
  readonly text: string
  readonly label: Label
  readonly grade: string | null
}

/** Do what another officer proposed. `proposal` is the id of the record that was on the screen. */
export interface ApproveAsk {
  readonly proposal: string
}

/** What this node keeps of an exercise that ended here. `bytes` is None when the file is not there any more. */
export interface ArchiveRow {
  readonly exercise: string
  readonly title: string
  readonly ended_at: Moment
  readonly ended_by: string
  readonly file: string
  readonly bytes: number | null
  readonly records: number
  readonly sha256: string
}

/** All of them, the earliest first. */
export interface Areas {
  readonly areas: readonly ExercisePlayedArea[]
}

/** Agree to this text expressly. `text_hash` is what stood beside the words that were read. */
export interface AssentAsk {
  readonly text: string
  readonly text_hash: string
  readonly office: string
}

/** Agree to a proposal, by the id that was on the screen; with a card, also by the fingerprint you compared. */
export interface AssentStanding {
  readonly proposal: string
  readonly fingerprint?: string | null
}

/** Our own assessment of the situation, instead of the one we gave before. */
export interface AssessAsk {
  readonly consultation: string
  readonly language: string
  readonly text: string
}

/**
 * Our own assessment of an incident, ours or another's. `label`: who is told, nobody who was not told of it.
 *
 * `attribution` is whose act it was, in words, or empty; `place` is what we ourselves call the place.
 */
export interface AssessIncidentAsk {
  readonly incident: string
  readonly severity: RegionRecordsSeverity
  readonly confidence: Confidence
  readonly language: string
  readonly text: string
  readonly label: Label
  readonly attribution?: string
  readonly place?: string
}

/**
 * Say one part of a file to these members; a part already said is not said again. `content` is base64.
 *
 * `to` and the label must be the same for each part. A file needs one part even if it is empty.
 */
export interface AttachAsk {
  readonly to: readonly string[]
  readonly classification: Classification
  readonly sha256: string
  readonly size: number
  readonly index: number
  readonly parts: number
  readonly content: string
  readonly caveats?: readonly string[]
}

/** A file that goes with a message. Its parts are records of their own; the hash is of the whole file. */
export interface Attachment {
  readonly sha256: string
  readonly name: string
  readonly media_type: string
  readonly size: number
}

/** A file, and how much of it is here. `whole` once all parts are here: whether they are what the hash says. */
export interface AttachmentRow {
  readonly sha256: string
  readonly name: string
  readonly media_type: string
  readonly size: number
  readonly parts: number
  readonly held: number
  readonly whole: boolean | null
}

/** What was let go, kept back and refused within the last day, or among the last lines where those are too many. */
export interface AuditHours {
  readonly since: string | null
  readonly tallies: readonly HourTally[]
}

/**
 * The last lines that match, in their order, and the kinds of their records that stand in the log.
 *
 * `before` asks for what stands before: None when that is nothing. `looked_to` is when the oldest line was written
 * that was looked at: a page may hold less than was wanted, although there is more.
 */
export interface AuditPage {
  readonly lines: readonly Line[]
  readonly before: number | null
  readonly looked_to: string | null
  readonly kinds: Readonly<Record<string, string>>
}

/** How long the audit is, where its chain stands, and the last of it that a signed record vouches for. */
export interface AuditStand {
  readonly lines: number
  readonly chain: string
  readonly first_at: string | null
  readonly last_at: string | null
  readonly anchored_line: number | null
  readonly anchored_at: Moment | null
}

/** Whose shares a set holds. Sets of two bases are never mixed. */
export type Basis = 'firm' | 'headquarters' | 'stated-headquarters' | 'site' | 'unstated'

/** Whose part a caveat speaks of: its own member's, or that of the others. */
export type Binds = 'own' | 'others'

/** What waits for us, the most urgent first; and the latest conversations, the last spoken in first. */
export interface Board {
  readonly at: Moment
  readonly calls: readonly CallRow[]
  readonly conversations: readonly ConversationRow[]
}

export interface BoardMessage {
  readonly type: 'board'
  readonly board: Board
}

/** A record of a bundle: what came together, and to whom. A bundle with several labels has several. */
export interface BundleRow {
  readonly bundle: string
  readonly record: string
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly objects: number
  readonly label: Label
  readonly banner: string
}

/** The bundles told last, newest first. */
export interface Bundles {
  readonly bundles: readonly BundleRow[]
}

/** A one-time link's token. */
export interface ByLink {
  readonly link: string
}

/** What the browser got from a device (PublicKeyCredential.toJSON, WebAuthn level 3, 5.1). */
export interface ByPasskey {
  readonly credential: Readonly<Record<string, unknown>>
}

/** An officer's name and password. */
export interface ByPassword {
  readonly officer: string
  readonly password: string
}

/** What stands in the calendar of these tiers between two times: meetings, and what is due. */
export interface CalendarFacts {
  readonly at: Moment
  readonly tiers: readonly Tier[]
  readonly since: Moment
  readonly until: Moment
  readonly meetings: readonly DialogueMeetingTypesMeetingRow[]
  readonly owed: readonly Owed[]
}

/** The addresses that were made for this world, without their tokens. */
export interface CalendarList {
  readonly calendars: readonly FeedRow[]
}

/** A call by voice or video, of which a message is the minutes. Neither is carried here. */
export interface Call {
  readonly means: string
  readonly began_at: Moment
  readonly ended_at: Moment
  readonly offices: readonly string[]
}

/** Bring this inject about now, whatever it waits for. */
export interface CallAsk {
  readonly inject: string
  readonly label: Label
}

/** A message of another that no officer of ours has acknowledged. `called` are the offices called so far. */
export interface CallRow {
  readonly message: string
  readonly conversation: string
  readonly subject: string
  readonly member: string
  readonly at: Moment
  readonly since: Moment
  readonly precedence: Precedence
  readonly language: string
  readonly text: string
  readonly readback: boolean
  readonly called: readonly string[]
  readonly next_office: string | null
  readonly next_at: Moment | null
  readonly failed: readonly string[]
}

/** Take back an alert of ours, for good. */
export interface CancelAlertAsk {
  readonly alert: string
  readonly reason: string
}

/** A meeting of ours is not held. */
export interface CancelMeetingAsk {
  readonly meeting: string
  readonly reason: string
}

/** A notice that we passed on holds no more: nothing is taken for it. Those are told who were told of it. */
export interface CancelNoticeAsk {
  readonly notice: string
  readonly language: string
  readonly reason: string
}

/** Tell all who were told of a public alert of ours that it holds no more, and why. One person does it. */
export interface CancelPublicAlertAsk {
  readonly public_alert: string
  readonly reason?: CancelReason
}

/** Why the public need not take cover. Each has its ready sentence in every language. */
export type CancelReason = 'error' | 'withdrawn' | 'over'

/**
 * What a member's law or policy does not let it do, or lets others do only with its consent.
 *
 * It speaks of a part that has one of `activities` and acts in one of `where` (anywhere when empty), on a day from
 * `valid_from` until before `valid_until`. `allows` are activities that stay open to the member all the same: what a
 * partial role is made of. `illustration`: an example, not legal advice.
 */
export interface Caveat {
  readonly name: string
  readonly title: string
  readonly source: string
  readonly binds: Binds
  readonly activities: readonly Activity[]
  readonly where: readonly string[]
  readonly allows: readonly Activity[]
  readonly consent_lifts: boolean
  readonly valid_from: Moment | null
  readonly valid_until: Moment | null
  readonly illustration: boolean
}

/** A caveat that stands, and the record that says so. */
export interface CaveatRow {
  readonly member: string
  readonly record: string
  readonly caveat: Caveat
  readonly at: Moment
}

/** All caveats that stand, by member and name. */
export interface Caveats {
  readonly caveats: readonly CaveatRow[]
}

/** A country's share, from at least to at most: equal where it may be told, a band where it would tell of a firm. */
export interface Cell {
  readonly country: string
  readonly least_pct: number
  readonly most_pct: number
}

/** What a cell does: steers play, plays all who take no part, or is trained. */
export type CellRole = 'control' | 'white' | 'training'

/** The chain up to a line, made again; the first fault as a sentence, or None. `done` at the last line. */
export interface ChainChecked {
  readonly line: number
  readonly chain: string
  readonly lines: number
  readonly done: boolean
  readonly fault: string | null
}

/** What became of a meeting. */
export type Change = 'moved' | 'cancelled' | 'held'

/** One proposal, and who has spoken on it. `words` are what an officer who assents must have read. */
export interface ChangeRow {
  readonly proposal: string
  readonly at: Moment
  readonly by: string
  readonly author: string
  readonly member: string
  readonly name: string
  readonly standing: Standing
  readonly reason: string
  readonly fingerprint: string | null
  readonly asked: readonly string[]
  readonly assented: readonly string[]
  readonly declined: readonly string[]
  readonly words: string
}

/** Every change of standing that was proposed, oldest first. */
export interface Changes {
  readonly changes: readonly ChangeRow[]
}

/** Look for faults in this plan; nothing is said. */
export interface CheckAsk {
  readonly plan: string
}

/** One check of a line: by whom, and how long until the other node heard it and an officer answered. */
export interface CheckRow {
  readonly id: string | null
  readonly slot: number
  readonly by: string
  readonly at: Moment
  readonly text: string | null
  readonly heard_after_s: number | null
  readonly answered_after_s: number | null
  readonly office: string | null
  readonly waits_for_us: boolean
}

/** All findings, the worst first, and the plan as people read it; with an ERROR among them it cannot be played. */
export interface Checked {
  readonly findings: readonly ApiExercisesFindingRow[]
  readonly outline: Outline
}

/** One log of the shelf, by its name. */
export interface ChosenLog {
  readonly name: string
}

/** A public source: what it is called, where it stands, and of which day it is. */
export interface Citation {
  readonly title: string
  readonly url: string
  readonly date: string
}

/** Say that a STIX identity is ours: we alone then make versions of what it made, revoke it, loosen its marking. */
export interface ClaimIdentityAsk {
  readonly identity: string
  readonly reason: string
  readonly label: Label
}

/** How much harm disclosure would do. Order of declaration is order of strictness. */
export type Classification = 'UNCLASSIFIED' | 'RESTRICTED' | 'CONFIDENTIAL' | 'SECRET' | 'TOP SECRET'

/** What time it is in this world. Without a clock set it is the real time. */
export interface Clock {
  readonly now: Moment
  readonly set: ClockSet | null
  readonly halted: Halt | null
}

/** The world's clock and the node's own, and how many seconds of the world pass in one of ours. */
export interface ClockMessage {
  readonly type: 'clock'
  readonly now: Moment
  readonly rate: number
  readonly real: Moment
}

/**
 * At the real moment `real_at` the exercise showed `exercise_at` and ran at `rate` (0 is paused).
 *
 * `slowed_from`: the rate with which the node that says so could not keep up; null where people set the clock.
 */
export interface ClockSet {
  readonly real_at: Moment
  readonly exercise_at: Moment
  readonly rate: number
  readonly slowed_from: number | null
}

/** An advisory of ours needs nobody's attention any more. Those are told who were told of it. */
export interface CloseAdvisoryAsk {
  readonly advisory: string
  readonly reason: string
}

/** Have done with a consultation: we assent to nothing more in it. */
export interface CloseAsk {
  readonly consultation: string
  readonly reason: string
}

/** The disruption of a notice of ours is over, or was none. Those are told who were told of it. */
export interface CloseNoticeAsk {
  readonly notice: string
  readonly language: string
  readonly text: string
}

/** Derived from an alert that stays home: its places on a grid, its times whole minutes. Its confidence is kept. */
export interface CoarseAlert {
  readonly grid_m: number
  readonly delay_s: number
  readonly dropped: readonly string[]
  readonly reason: AlertReason
  readonly state: AlertState
  readonly tracks: readonly string[]
  readonly areas: readonly WarningRecordsArea[]
  readonly confidence: string
  readonly launched_at: Moment | null
  readonly impact: CoarsePoint | null
}

/** A place on a grid, at a whole minute. */
export interface CoarsePoint {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly at: Moment
}

/** A track as those may know it who must not know how well we see: a place on a grid, at a whole minute. */
export interface CoarseTrack {
  readonly number: number
  readonly state: TrackState
  readonly at: Moment
  readonly lat_deg: number
  readonly lon_deg: number
  readonly alt_m: number
  readonly launch: CoarsePoint | null
  readonly observed: CoarsePoint | null
}

/** All objects of one TLP level for one audience. `id` follows from both, so it is the same on every node. */
export interface CollectionRow {
  readonly id: string
  readonly title: string
  readonly tlp: Tlp
  readonly rel_to: readonly string[]
  readonly objects: number
}

/** The collections that hold something. */
export interface Collections {
  readonly collections: readonly CollectionRow[]
}

/**
 * Promise something for an office of ours. `meeting`: in which it was agreed. An initiative has partners.
 *
 * `about` are records that it follows from: from those the same is promised once.
 */
export interface CommitAsk {
  readonly office: string
  readonly words: string
  readonly language: string
  readonly topic: string
  readonly label: Label
  readonly due_at?: Moment | null
  readonly source?: Citation | null
  readonly meeting?: string | null
  readonly series?: string | null
  readonly initiative?: Initiative | null
  readonly partners?: readonly string[]
  readonly milestones?: readonly Milestone[]
  readonly about?: readonly string[]
}

/**
 * What an office of a member does until when, where that comes from, and how far it is.
 *
 * `source` is consultation, minutes, charter or own. `state` is proposed, open, under-way, fulfilled, withdrawn or
 * declined. `office` is as it was said; `bound_to` is the office that has it now, None when it is nobody's
 * (`nobodys`). `unreviewed` are members who have it and have not judged it.
 */
export interface CommitmentRow {
  readonly id: string
  readonly member: string
  readonly by: string
  readonly office: string
  readonly bound_to: string | null
  readonly nobodys: boolean
  readonly words: string
  readonly language: string
  readonly topic: string | null
  readonly due_at: Moment | null
  readonly overdue: boolean
  readonly state: string
  readonly open: boolean
  readonly source: string
  readonly citation: Citation | null
  readonly name: string | null
  readonly consultation: string | null
  readonly text: string | null
  readonly option: string | null
  readonly meeting: string | null
  readonly series: string | null
  readonly initiative: Initiative | null
  readonly partners: readonly string[]
  readonly milestones: readonly Milestone[]
  readonly reached: readonly number[]
  readonly progress: ProgressRow | null
  readonly reviews: readonly ReviewRow[]
  readonly unreviewed: readonly string[]
  readonly said_at: Moment
  readonly label: Label
  readonly banner: string
}

/** What was promised, the first due first; what has no day comes last. */
export interface Commitments {
  readonly at: Moment
  readonly commitments: readonly CommitmentRow[]
}

/** How many share sets are more concentrated than that: for sure (`above`), or if the missing part is so. */
export interface Concentration {
  readonly origin: Origin
  readonly above: number
  readonly tallies: readonly Tally[]
  readonly sets: readonly ShareSet[]
}

/** Met when such a record was said, by this member or by any, `times` times. */
export interface Condition {
  readonly kind: string
  readonly by: string | null
  readonly times: number
}

/** How sure a member is of its own assessment: the words of ICD 203. */
export type Confidence = 'low' | 'moderate' | 'high'

/** One consultation whole. */
export interface Consultation {
  readonly row: ConsultationRow
  readonly language: string
  readonly opinion: string
  readonly sources: readonly ConsultRecordsSource[]
  readonly convening: readonly Convening[]
  readonly convened: Convening | null
  readonly responses: readonly ResponseRow[]
  readonly assessments: readonly ConsultCourseTypesAssessmentRow[]
  readonly options: readonly OptionRow[]
  readonly texts: readonly TextRow[]
  readonly actions: readonly ActionRow[]
  readonly statement: StatementRow | null
  readonly departed: readonly string[]
  readonly closed_by: readonly string[]
}

/** A consultation that was requested over it. */
export interface ConsultationOver {
  readonly id: string
  readonly member: string
  readonly subject: string
  readonly at: Moment
}

/** One consultation in the list. `waits_for_us` says in words what our own officers should do, if anything. */
export interface ConsultationRow {
  readonly id: string
  readonly subject: string
  readonly member: string
  readonly members: readonly string[]
  readonly ground: Ground
  readonly level: ConsultWordsLevel
  readonly banner: string
  readonly at: Moment
  readonly stage: Stage
  readonly state: string
  readonly waits_for: readonly string[]
  readonly waits_for_us: string | null
  readonly due: Moment | null
}

/** All that is open, and what was lately, newest first. */
export interface Consultations {
  readonly at: Moment
  readonly consultations: readonly ConsultationRow[]
}

export interface ConsultationsMessage {
  readonly type: 'consultations'
  readonly consultations: Consultations
}

/** Two that cannot both be right about one fact (when, where, count, outcome). Nothing is averaged. */
export interface Contradiction {
  readonly fact: string
  readonly first: RegionBoardTypesClaim
  readonly second: RegionBoardTypesClaim
  readonly words: string
}

/** A way and a time to meet. */
export interface Convening {
  readonly means: Means
  readonly at: Moment
  readonly place: string
}

/** One conversation, oldest first: its last messages, and how many there are before these. */
export interface Conversation {
  readonly id: string
  readonly subject: string
  readonly banner: string
  readonly members: readonly string[]
  readonly messages: readonly MessageRow[]
  readonly earlier: number
}

/**
 * One conversation in the list. `waits_for` are members that have not acknowledged its last message.
 *
 * `messages` are those among the last 500 of all; `unacknowledged` are those that wait for our own officers.
 */
export interface ConversationRow {
  readonly id: string
  readonly subject: string
  readonly banner: string
  readonly members: readonly string[]
  readonly precedence: Precedence
  readonly opened_by: string
  readonly opened_at: Moment
  readonly last_at: Moment
  readonly last_member: string
  readonly last_text: string
  readonly last_language: string
  readonly messages: number
  readonly waits_for: readonly string[]
  readonly unacknowledged: number
}

/** A corner of an outline: latitude and longitude, degrees, WGS84. */
export type Corner = readonly [lat_deg: number, lon_deg: number]

/** How many of something (`missiles`, `casualties`): at least, and at most unless that is open. */
export interface Count {
  readonly of: string
  readonly least: number
  readonly most: number | null
}

/** What a source says that it counts for a country: what its firms sell, or what is made there. */
export type Counts = 'headquarters' | 'site'

/** Which line of which published list an incident was taken from, so that it is taken once. */
export interface DatasetLine {
  readonly dataset: string
  readonly line: string
}

/** A data set of ours. `chunks_here` of `chunks` parts of it came. `holds`: it is the last of its name. */
export interface DatasetRow {
  readonly record: string
  readonly name: string
  readonly title: string
  readonly source: string
  readonly licence: string
  readonly market: string | null
  readonly digest: string
  readonly imported_at: Moment
  readonly by: string
  readonly chunks: number
  readonly chunks_here: number
  readonly inputs: number
  readonly providers: number
  readonly provisions: number
  readonly edges: number
  readonly left_out: number
  readonly holds: boolean
}

/** Every data set that was imported here, the last first. */
export interface Datasets {
  readonly datasets: readonly DatasetRow[]
}

/** A caveat of ours, instead of the one of that name that stood before. `label`: who is told. */
export interface DeclareCaveatAsk {
  readonly caveat: Caveat
  readonly label: Label
}

/**
 * Put on record what the compact's file says of our series, meetings and commitments, and is not yet on record.
 *
 * `label`: who is told.
 */
export interface DeclareCharterAsk {
  readonly label: Label
}

/** Declare what the compact's file says of our caveats, where nothing of that name stands. `label`: who is told. */
export interface DeclareCharterCaveatsAsk {
  readonly label: Label
}

/** We said these numbers of this lane of ours, lost them, and nobody we reach has them. */
export interface DeclareGap {
  readonly audience: readonly string[]
  readonly precedence: Precedence
  readonly first: number
  readonly last: number
  readonly reason: string
}

/** A series as we understand it, instead of what we said of that name before. `label`: who is told. */
export interface DeclareSeriesAsk {
  readonly series: Series
  readonly label: Label
}

/** Stop a proposal, for good. One person is enough, and it may be who proposed it. */
export interface DeclineAsk {
  readonly proposal: string
  readonly reason: string
}

/** Do not agree to a proposal: it cannot come into force any more. */
export interface DeclineStanding {
  readonly proposal: string
  readonly reason: string
}

/** Leave a consultation, for good. */
export interface DepartAsk {
  readonly consultation: string
  readonly reason: string
}

/** Dependence, input by input, those first of which the least is provided together. `top`: of so many largest. */
export interface DependenceNow {
  readonly origin: Origin
  readonly market: string | null
  readonly top: number
  readonly rows: readonly DependenceRow[]
}

/** How an input depends on whom: each asked country, all of them together, the largest outside, and the index. */
export interface DependenceRow {
  readonly input: string
  readonly name: string
  readonly basis: Basis
  readonly each: readonly MemberShare[]
  readonly together: MemberShare
  readonly outside: readonly ShareRow[]
  readonly outside_least_pct: number
  readonly outside_most_pct: number
  readonly unknown_pct: number
  readonly top_least_pct: number
  readonly top_most_pct: number
  readonly herfindahl: Herfindahl
  readonly years: readonly number[]
  readonly sources: readonly string[]
}

/** A peer's heads and our log tell different stories. */
export interface DisagreementRow {
  readonly peer: string
  readonly origin: string
  readonly says: string
}

/** An area to which more than one lays claim, by the names that they give it. It takes no side. */
export interface Disputed {
  readonly area: string
  readonly names: readonly NamedBy[]
}

/**
 * A supply is disrupted, or will be: the form of the IPEF supply chain agreement. Called by this record's id.
 *
 * `summary` is the impact. `reference` is the member's own file number. `meeting` asks the audience to meet within
 * 15 days. `instead` is the notice of ours that this one replaces: the clock of the first goes on.
 */
export interface DisruptionNotice {
  readonly reference: string
  readonly title: string
  readonly language: string
  readonly summary: string
  readonly cause: string
  readonly begins_at: Moment
  readonly duration: Duration
  readonly sectors: readonly string[]
  readonly inputs: readonly string[]
  readonly measures: string
  readonly help_wanted: string
  readonly office: string
  readonly meeting: boolean
  readonly instead: string | null
}

/** What the next holder of an office must know. Its hash is over its canonical JSON: nothing in it but facts. */
export interface Dossier {
  readonly member: string
  readonly office: string
  readonly also: readonly string[]
  readonly commitments: readonly DossierCommitment[]
  readonly meetings: readonly DossierMeeting[]
  readonly consultations: readonly DossierItem[]
  readonly items: readonly DossierItem[]
}

/**
 * A dossier, its hash, the strictest label in it, and who signed for exactly that.
 *
 * `now` says whether it is what holds now, rather than what was signed then.
 */
export interface DossierAnswer {
  readonly at: Moment
  readonly sha256: string
  readonly dossier: Dossier
  readonly label: Label
  readonly now: boolean
  readonly signatures: readonly Signature[]
}

/** A promise that the next holder takes over. */
export interface DossierCommitment {
  readonly id: string
  readonly office: string
  readonly words: string
  readonly language: string
  readonly due_at: Moment | null
  readonly state: string
  readonly source: string
  readonly citation: Citation | null
  readonly milestones: readonly Milestone[]
  readonly reached: readonly number[]
  readonly last_word: string
  readonly reviews: readonly string[]
  readonly banner: string
}

/** A consultation, or another thing on the docket, that waits for the office. */
export interface DossierItem {
  readonly subject: string
  readonly title: string
  readonly summary: string
  readonly due: Moment | null
  readonly banner: string
}

/** A meeting that the office attends: the last one of each series, and those to come. */
export interface DossierMeeting {
  readonly id: string
  readonly series: string
  readonly title: string
  readonly language: string
  readonly begins_at: Moment
  readonly ends_at: Moment
  readonly place: string
  readonly time_zone: string
  readonly state: string
  readonly banner: string
}

/**
 * What the fall through the air told of the ballistic coefficient beta (kg/m2).
 *
 * `log_beta` is its natural logarithm; `covariance` is that of log_beta with (position m, velocity m/s), six
 * numbers, then its variance.
 */
export interface Drag {
  readonly log_beta: number
  readonly covariance: readonly [number, number, number, number, number, number, number]
}

/** How long it is expected to last, from at least to at most; None is unknown. */
export interface Duration {
  readonly least_days: number | null
  readonly most_days: number | null
}

/** Who is called, and when, if nobody acknowledges. Put by nobody: what holds until somebody puts another. */
export interface DutyList {
  readonly steps: readonly HotlineRecordsStep[]
  readonly translate_into: readonly string[]
  readonly put_by: string | null
  readonly put_at: Moment | null
}

export interface DutyMessage {
  readonly type: 'duty'
  readonly duty: DutyList
}

/** One input goes into another, or is a type of it. */
export interface Edge {
  readonly input: string
  readonly into: string
  readonly sort: EdgeSort
}

/** How one input stands to another. */
export type EdgeSort = 'goes-into' | 'is-type-of'

/** In that version, these words (once in it) become others. */
export interface Edit {
  readonly language: string
  readonly old: string
  readonly new: string
}

/** An error ellipse on the ground: half axes, and the long axis clockwise from north. */
export interface Ellipse {
  readonly semi_major_m: number
  readonly semi_minor_m: number
  readonly azimuth_deg: number
}

/**
 * When a member's world of an exercise ended, who ended it, and the SHA-256 of its archive of so many records.
 *
 * `record` says so.
 */
export interface End {
  readonly record: string
  readonly author: string
  readonly at: Moment
  readonly archive_sha256: string
  readonly records: number
}

/** A caveat of ours stands no more. Those are told who were told of it. */
export interface EndCaveatAsk {
  readonly name: string
  readonly reason: string
}

/**
 * What has come of the end of an exercise at this node. Until it has `ended` it goes on by itself: ask again.
 *
 * `archive` is the file that is kept, `record` what was said live of it, and `playing` who may still play.
 */
export interface EndedHere {
  readonly exercise: string
  readonly ended: boolean
  readonly playing: readonly string[]
  readonly archive?: string | null
  readonly archive_sha256?: string | null
  readonly records?: number | null
  readonly record?: string | null
}

/** The same indicator seen by two members or more. `subject` is that of its item on the docket. */
export interface EventRow {
  readonly subject: string
  readonly title: string
  readonly indicator: IndicatorRow
  readonly members: readonly string[]
  readonly last_at: Moment
}

/** What several members saw, the last first. */
export interface Events {
  readonly now: Moment
  readonly events: readonly EventRow[]
}

/** What shows it: a record, or a public page, or both. */
export interface Evidence {
  readonly title: string
  readonly record: string | null
  readonly url: string | null
}

/** One announced exercise. Of two announcements under one name the earlier counts. */
export interface Exercise {
  readonly exercise: string
  readonly title: string
  readonly starts_at: Moment
  readonly scenario_sha256: string
  readonly announced_by: string
  readonly announced_at: Moment
  readonly announcement: string
  readonly label: Label
  readonly members: readonly Member[]
  readonly halted: Halt | null
}

/** All of them, in the order of their announcements. */
export interface Exercises {
  readonly exercises: readonly Exercise[]
}

/** What a member does in answer, `within_s` of the inject. */
export interface Expected {
  readonly id: string
  readonly member: string
  readonly kind: string
  readonly within_s: number
  readonly objective: string
  readonly criterion: string
}

/** An expected action and what came of it so far. */
export interface ExpectedRow {
  readonly id: string
  readonly inject: string
  readonly member: string
  readonly kind: string
  readonly within_s: number
  readonly objective: string
  readonly criterion: string
  readonly verdict: Verdict
  readonly took_s: number | null
}

/** Propose the same words again with another deadline. It is a round of its own: everybody votes anew. */
export interface ExtendAsk {
  readonly text: string
  readonly deadline: Moment
  readonly reason?: string
}

/** What a what-if takes away. */
export type Fails = 'country' | 'firm' | 'input'

/** A member accused another of a fork, and its proof does not hold. */
export interface FalseAccusation {
  readonly accuser: string
  readonly accused: string
  readonly number: number
  readonly why: string
  readonly at: Moment
  readonly report: string
}

/** A calendar's address as officers list it: never the token itself, which nobody keeps. */
export interface FeedRow {
  readonly id: string
  readonly name: string
  readonly tier: string
  readonly ceiling: string
  readonly made_by: string
  readonly made_at: string
  readonly expires_at: string
}

/** In which field a response acts. */
export type Field = 'diplomatic' | 'economic' | 'informational' | 'defensive' | 'humanitarian' | 'cyber'

/** A number that was reported of it, with its unit: apogee, 2111.5, km. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/**
 * File a notice to those whom `label.rel_to` names, ourselves included. `summary` is the impact.
 *
 * `firms` are kept at home, in a record of their own under the same reference; no text of the notice may name one.
 */
export interface FileNoticeAsk {
  readonly reference: string
  readonly title: string
  readonly language: string
  readonly summary: string
  readonly cause: string
  readonly begins_at: Moment
  readonly sectors: readonly string[]
  readonly office: string
  readonly label: Label
  readonly meeting: boolean
  readonly least_days?: number | null
  readonly most_days?: number | null
  readonly inputs?: readonly string[]
  readonly measures?: string
  readonly help_wanted?: string
  readonly instead?: string | null
  readonly firms?: readonly FirmNamed[]
}

/** A paper for a meeting, for all who meet or for some: a text in languages, or files that the hotline carried. */
export interface FilePaperAsk {
  readonly meeting: string
  readonly title: string
  readonly label: Label
  readonly versions?: readonly ConsultRecordsVersion[]
  readonly attachments?: readonly Attachment[]
}

/** File a source, with its grade. `label`: who is told. */
export interface FileReportAsk {
  readonly report: SourcedReport
  readonly label: Label
}

/** A firm that a notice is about, with other names by which it might be told, and what is known of its part. */
export interface FirmNamed {
  readonly name: string
  readonly aliases: readonly string[]
  readonly country: string
  readonly text: string
}

/** What makes a track less believable than its numbers. */
export type Flag = 'sun' | 'clutter' | 'suspect-sensor'

/** Why a member cannot take part in an option as it stands: the caveat, by name, title and legal source. */
export interface ForbiddenRow {
  readonly member: string
  readonly of_member: string
  readonly caveat: string
  readonly title: string
  readonly source: string
  readonly activities: readonly Activity[]
  readonly consent_lifts: boolean
  readonly open_activities: readonly Activity[]
}

/**
 * A record in which the words stand, and the piece of it where they do.
 *
 * `of` is what it belongs to, such as its conversation; the record itself where it belongs to nothing else.
 */
export interface Found {
  readonly record: string
  readonly kind: string
  readonly origin: string
  readonly author: string
  readonly at: Moment
  readonly banner: string
  readonly of: string
  readonly language: string | null
  readonly excerpt: string
}

/**
 * What a track knew when it was sure that nothing but gravity moves the vehicle, until now.
 *
 * All it learned since, it learned by its own plots alone; what it knew then may rest on what every tracker
 * misjudged alike. State and covariance as of `Track`, to seven digits.
 */
export interface FreeFall {
  readonly at: Moment
  readonly position_ecef_m: readonly [number, number, number]
  readonly velocity_ecef_mps: readonly [number, number, number]
  readonly covariance: readonly number[]
}

/** Numbers that a member declared lost in one of its lanes. Records of them that turn up are kept in their place. */
export interface Gap {
  readonly origin: string
  readonly at: Moment
  readonly audience: readonly string[]
  readonly precedence: number
  readonly first: number
  readonly last: number
  readonly reason: string
}

/** Every declared gap, oldest first. */
export interface Gaps {
  readonly gaps: readonly Gap[]
}

/** Our grade of a report from now on, and why. `label`: who is told, nobody who was not told of the report. */
export interface GradeReportAsk {
  readonly report: string
  readonly grade: string
  readonly language: string
  readonly reason: string
  readonly label: Label
}

/** A member's grade of a report in letters and words, and why; no reason for the grade it was filed with. */
export interface GradeRow {
  readonly member: string
  readonly grade: string
  readonly means: string
  readonly language: string
  readonly reason: string
  readonly at: Moment
}

/** All inputs and what goes into what. */
export interface Graph {
  readonly origin: Origin
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** One input goes into another. `cycle`: it closes a circle, and was set aside. */
export interface GraphEdge {
  readonly input: string
  readonly into: string
  readonly sort: EdgeSort
  readonly cycle: boolean
}

/** An input and its layer: 0 for what nothing goes into, else one more than the greatest before it. */
export interface GraphNode {
  readonly key: string
  readonly name: string
  readonly sort: string
  readonly layer: number
}

/** What the commitment of 18 August 2023 names. */
export type Ground = 'challenge' | 'provocation' | 'threat'

/** Who stopped the play of an exercise, and why. */
export interface Halt {
  readonly member: string
  readonly author: string
  readonly reason: string
  readonly at: Moment
}

/** Stop all play. */
export interface HaltAsk {
  readonly exercise: string
  readonly reason: string
  readonly label: Label
}

/** REAL WORLD: this exercise was halted, and its page goes away. */
export interface HaltedMessage {
  readonly type: 'halted'
  readonly halted: HaltedPlay
}

/** Which exercise was halted, by whom and why, and where the live world's page is. */
export interface HaltedPlay {
  readonly exercise: string
  readonly member: string
  readonly author: string
  readonly reason: string
  readonly at: Moment
  readonly live: string
}

/** The watch was taken: by whom, from whom, with what was told. `reason` when it was not offered. */
export interface HandOver {
  readonly by: string
  readonly at: Moment
  readonly before: string | null
  readonly notes: string
  readonly reason: string
}

/** Where something is to come down, or ships and aircraft are told to keep away. */
export interface HazardArea {
  readonly name: string
  readonly outline: readonly Corner[]
}

/** What is held of a file that one member said to one audience: which of its parts, and whether it is whole. */
export interface HeldFile {
  readonly member: string
  readonly label: Label
  readonly banner: string
  readonly parts: number
  readonly held: readonly number[]
  readonly size: number
  readonly whole: boolean | null
}

/** Everything that is held of a file, the best first. */
export interface HeldFiles {
  readonly sha256: string
  readonly files: readonly HeldFile[]
}

/** Who asks for what, and who offers it, the last first. */
export interface Help {
  readonly at: Moment
  readonly requests: readonly RequestRow[]
  readonly offers: readonly OfferRow[]
}

/** A member can give so much of an input, from then on; to a request, or to whom it may serve. */
export interface HelpOffered {
  readonly title: string
  readonly language: string
  readonly text: string
  readonly input: string
  readonly quantity: number | null
  readonly unit: string
  readonly available_from: Moment
  readonly office: string
  readonly request: string | null
}

/** A member asks the audience for so much of an input, until then. `notice` is the disruption it is for. */
export interface HelpRequested {
  readonly title: string
  readonly language: string
  readonly text: string
  readonly input: string
  readonly quantity: number | null
  readonly unit: string
  readonly needed_by: Moment
  readonly office: string
  readonly notice: string | null
}

/**
 * The Herfindahl-Hirschman index, 0 to 10,000: the lowest and the highest that the missing part allows.
 *
 * `as_given` takes the rows as they stand in the source: all others together as one provider, a sum above 100 as it
 * is; None where only bands are told.
 */
export interface Herfindahl {
  readonly least: number
  readonly most: number
  readonly as_given: number | null
}

/** Say who holds an office of ours from now on, to those whom the label names. No `holder`: it is vacant. */
export interface HoldOfficeAsk {
  readonly office: string
  readonly label: Label
  readonly holder?: string | null
}

/** A member whose node has honoured a retraction, and when it said so. */
export interface Honour {
  readonly member: string
  readonly at: Moment
}

/** What all members have said of play, in the order in which it was said. */
export interface HotWash {
  readonly objectives: readonly Objective[]
  readonly observations: readonly Observation[]
  readonly ratings: readonly ExerciseLearntWord[]
  readonly actions: readonly ExerciseLearntAction[]
}

/** How often one thing was decided about one member within an hour that begins then. */
export interface HourTally {
  readonly hour: string
  readonly member: string
  readonly decision: string
  readonly count: number
}

/** Which member made what names these identities. */
export interface Identities {
  readonly claims: readonly CyberShownClaim[]
}

/**
 * When an input runs short, and how much of it then, if that fails: the earliest and the latest.
 *
 * `earliest` supposes the shortest stocks and lead times that are possible; `latest` the longest, and None is that
 * it need not come at all. `through` is the path of the earliest. `unknown` are inputs on it whose stock or lead
 * time is not known here. `basis` is that of the shares it loses directly, None where it loses none.
 */
export interface Impact {
  readonly key: string
  readonly name: string
  readonly basis: Basis | null
  readonly earliest: Moment
  readonly earliest_days: number
  readonly latest: Moment | null
  readonly latest_days: number | null
  readonly lost_least_pct: number
  readonly lost_most_pct: number
  readonly through: readonly string[]
  readonly unknown: readonly string[]
}

/** Incidents of a published list, each with its line. What was taken before is not said again; changes amend it. */
export interface ImportPastAsk {
  readonly incidents: readonly Incident[]
  readonly label: Label
}

/**
 * Something that happened, as one member says. It is called by this record's id.
 *
 * `reports` are the sources it rests on, `rests_on` other records (tracks, alerts, messages). `disputed` are areas
 * near it that more than one claims.
 */
export interface Incident {
  readonly type: string
  readonly title: string
  readonly language: string
  readonly text: string
  readonly when: Interval
  readonly where?: Place | null
  readonly disputed?: readonly Disputed[]
  readonly outcome?: string | null
  readonly figures?: readonly Figure[]
  readonly reports?: readonly string[]
  readonly rests_on?: readonly string[]
  readonly taken_from?: DatasetLine | null
}

/**
 * An incident as its member says it now. `recent` stands on the docket; `contradictions` counts them.
 *
 * `grades` are those of the members that filed its sources, the best first.
 */
export interface IncidentRow {
  readonly id: string
  readonly member: string
  readonly at: Moment
  readonly type: string
  readonly title: string
  readonly language: string
  readonly when: Interval
  readonly where: Place | null
  readonly disputed: readonly Disputed[]
  readonly outcome: string | null
  readonly taken_from: DatasetLine | null
  readonly grades: readonly string[]
  readonly reports: number
  readonly assessments: number
  readonly gravest: RegionRecordsSeverity | null
  readonly contradictions: number
  readonly consultations: number
  readonly amended: number
  readonly recent: boolean
  readonly banner: string
}

/** All there is of an incident. `not_here` are sources that this node was not given, or that were taken back. */
export interface IncidentWhole {
  readonly at: Moment
  readonly incident: IncidentRow
  readonly text: string
  readonly figures: readonly Figure[]
  readonly sources: readonly ReportRow[]
  readonly not_here: readonly string[]
  readonly rests_on: readonly string[]
  readonly assessments: readonly RegionBoardTypesAssessmentRow[]
  readonly contradictions: readonly Contradiction[]
  readonly amendments: readonly Amendment[]
  readonly consultations: readonly ConsultationOver[]
  readonly severities: readonly RegionBoardTypesWord[]
  readonly confidences: readonly RegionBoardTypesWord[]
}

/** Incidents, the latest first; `more`: there are others. */
export interface Incidents {
  readonly at: Moment
  readonly incidents: readonly IncidentRow[]
  readonly more: boolean
}

/** An indicator, whoever made it: equal patterns of several ids are one. `seen` by member, how often. */
export interface IndicatorRow {
  readonly ids: readonly string[]
  readonly name: string
  readonly pattern: string
  readonly pattern_type: string
  readonly valid_until: string
  readonly revoked: boolean
  readonly members: readonly string[]
  readonly sightings: readonly SightingRow[]
  readonly record: string
  readonly label: Label
  readonly banner: string
}

/** Indicators, those seen last first. */
export interface Indicators {
  readonly now: Moment
  readonly indicators: readonly IndicatorRow[]
}

export interface InformationMessage {
  readonly type: 'information'
  readonly information: InformationRequests
}

/** The questions asked last, newest first. */
export interface InformationRequests {
  readonly at: Moment
  readonly requests: readonly RequestedInformation[]
}

/** One member's graded answer. */
export interface InformationRow {
  readonly member: string
  readonly language: string
  readonly text: string
  readonly grade: string | null
  readonly at: Moment
}

/** What a commitment builds together, where it builds something. */
export type Initiative = 'technology' | 'education' | 'joint-development' | 'partner-capacity'

/** What became of an inject. */
export type InjectOutcome = 'done' | 'skipped' | 'refused'

/** An inject of the plan: whose it is, when it goes as far as is known, what became of it. */
export interface InjectRow {
  readonly id: string
  readonly title: string
  readonly member: string
  readonly cell: string
  readonly answer: boolean
  readonly by_hand: boolean
  readonly after: readonly string[]
  readonly when: Condition | null
  readonly command: string | null
  readonly words: string | null
  readonly goes_s: number | null
  readonly called: boolean
  readonly outcome: InjectOutcome | null
  readonly at_s: number | null
  readonly records: readonly string[]
  readonly why: string
}

/** Something that is made or needed: a material, a tool, a step, the product at the end; or a whole stage. */
export interface Input {
  readonly key: string
  readonly name: string
  readonly sort?: string
  readonly stage?: string
  readonly text?: string
  readonly year?: number | null
  readonly market_size?: string
  readonly source?: string
}

/** An input in a list: how many firms provide it, how concentrated, how many inputs come before and after it. */
export interface InputRow {
  readonly key: string
  readonly name: string
  readonly sort: string
  readonly stage: string
  readonly firms: number
  readonly countries: number
  readonly herfindahl: Herfindahl | null
  readonly basis: Basis | null
  readonly upstream: number
  readonly downstream: number
  readonly cover_least_days: number | null
  readonly cover_most_days: number | null
}

/** The shares of countries in an input, on one basis. What no cell holds is unknown, or belongs to none. */
export interface InputShares {
  readonly input: string
  readonly basis: Basis
  readonly cells: readonly Cell[]
  readonly years: readonly number[]
  readonly sources: readonly string[]
}

/** One input: what it is, its shares on each basis, what it is made from and goes into, and our stock of it. */
export interface InputWhole {
  readonly origin: Origin
  readonly key: string
  readonly name: string
  readonly sort: string
  readonly stage: string
  readonly text: string
  readonly market_size: string
  readonly source: string
  readonly year: number | null
  readonly sets: readonly ShareSet[]
  readonly needs: readonly Neighbour[]
  readonly into: readonly Neighbour[]
  readonly upstream: readonly string[]
  readonly downstream: readonly string[]
  readonly stock: StockPut | null
  readonly stock_said_at: Moment | null
}

/** Inputs of a data set, in its own order. */
export interface Inputs {
  readonly origin: Origin
  readonly inputs: readonly InputRow[]
}

/** From then until then. Both the same when it is known to the second; a whole day when only the day is known. */
export interface Interval {
  readonly begins_at: Moment
  readonly ends_at: Moment
}

/** Tell everybody the adopted text. `text_hash` is that of the text which was on the screen. */
export interface IssueStatementAsk {
  readonly consultation: string
  readonly text_hash: string
}

export interface Item {
  readonly subject: string
  readonly title: string
  readonly state: string
  readonly due: Moment | null
  readonly offices: readonly string[]
  readonly label: Label
  readonly summary: string
  readonly about: readonly string[]
  readonly instrument: string
  readonly opens: string
}

/** Take part, with the text of this member's card for the exercise world. */
export interface JoinAsk {
  readonly exercise: string
  readonly card: string
  readonly label: Label
}

/** Say whether what was read back is what we meant. Who was wrong reads back again. */
export interface JudgeReadbackAsk {
  readonly acknowledgement: string
  readonly right: boolean
  readonly remark?: string | null
}

/** A change of a member's keys, as it told us. */
export interface KeyRow {
  readonly member: string
  readonly at: Moment
  readonly what: string
  readonly name: string
}

/** Every change of signing keys that we were told, and the sealing key in force of each member. */
export interface Keys {
  readonly changes: readonly KeyRow[]
}

/** Classification, the literal audience (sorted, includes the origin), and caveats (sorted). */
export interface Label {
  readonly classification: Classification
  readonly rel_to: readonly string[]
  readonly caveats: readonly string[]
}

/** How far a lane is held here. */
export interface LaneRow {
  readonly origin: string
  readonly audience: string
  readonly precedence: Precedence
  readonly number: number
}

/** The fused estimate of where and when it was launched. */
export interface Launch {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly at: Moment
  readonly at_sigma_s: number
  readonly ellipse50: Ellipse
  readonly ellipse90: Ellipse
}

/** What a notice says will fly: the generic classes of HCOC notifications. */
export type LaunchClass = 'satellite-launch' | 'sounding-rocket' | 'ballistic-test' | 'other'

/**
 * Where and when it was launched, by one member's estimate.
 *
 * `covariance_m2` is (east-east, east-north, north-north).
 */
export interface LaunchPoint {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly at: Moment
  readonly at_sigma_s: number
  readonly covariance_m2: readonly [number, number, number]
}

/**
 * One decision, as it is chained and exported: what was decided, when, of which record and which member.
 *
 * `author` is who asked or looked; `policy` is what decided, `digest` names the policies in force; `why` says more.
 */
export interface Line {
  readonly line: number
  readonly at: string
  readonly decision: string
  readonly member: string
  readonly author: string
  readonly record: string
  readonly policy: string
  readonly digest: string
  readonly why: string
}

/** The line to one member: its state and since when, whether it alarms, its history and its checks, newest first. */
export interface LineRow {
  readonly member: string
  readonly state: LineState
  readonly since: Moment | null
  readonly alarm: boolean
  readonly via: string
  readonly every_s: number
  readonly next_at: Moment | null
  readonly worst_delay_s: number | null
  readonly history: readonly LineSpan[]
  readonly checks: readonly CheckRow[]
}

/** The line was so from then until then; None while it still is. */
export interface LineSpan {
  readonly state: LineState
  readonly since: Moment
  readonly until: Moment | null
}

/** Which part of the line to a member works, as far as we can tell. */
export type LineState = 'healthy' | 'unanswered' | 'unheard' | 'node-down' | 'path-down' | 'unchecked'

/** The line to every other member. */
export interface Lines {
  readonly at: Moment
  readonly lines: readonly LineRow[]
}

export interface LinesMessage {
  readonly type: 'lines'
  readonly lines: Lines
}

/** What our node saw of the lines, newest first. */
export interface LinkHistory {
  readonly links: readonly InstrumentsLineLinksLinkRow[]
}

/** Which part of the line works. */
export type LinkState = 'healthy' | 'path-down' | 'node-down' | 'relayed' | 'never'

/** The line to each peer, and what somebody must look into. */
export interface LinksMessage {
  readonly type: 'links'
  readonly links: readonly NodeSiteLinkRow[]
  readonly trouble: NodeSiteTrouble
}

/** How far the log is opened. `trouble` says why it cannot be. */
export interface LogOpening {
  readonly stage: OpeningStage
  readonly done: number
  readonly of: number
  readonly trouble: string | null
}

/** The address, which is told this once. */
export interface MadeCalendar {
  readonly address: string
  readonly calendar: FeedRow
}

/**
 * An address for one tier's calendar: for whom, how strictly classified it may be, for how many days.
 *
 * Whoever has the address reads the calendar: keep the ceiling as low as its reader needs.
 */
export interface MakeCalendar {
  readonly name: string
  readonly tier: Tier
  readonly ceiling: Classification
  readonly days: number
}

/** A member's alert that named the notice: which tracks, and how well time, place and path agree. */
export interface MatchRow {
  readonly alert: string
  readonly member: string
  readonly at: Moment
  readonly tracks: readonly string[]
  readonly fit: NoticeFit
  readonly words: string
}

/** How members meet. */
export type Means = 'hotline' | 'voice' | 'video' | 'in-person'

/**
 * An export control or an investment screening: what, on what legal basis, whom it concerns, from when.
 *
 * `text` is what is done. `concerns` are countries, by code; none is everybody. `office` answers questions.
 * `instead` is the notice of ours that this one replaces.
 */
export interface MeasureNotified {
  readonly sort: MeasureSort
  readonly title: string
  readonly language: string
  readonly text: string
  readonly legal_basis: string
  readonly concerns: readonly string[]
  readonly inputs: readonly string[]
  readonly in_force_from: Moment
  readonly in_force_until: Moment | null
  readonly office: string
  readonly instead: string | null
}

/** A measure: announced, in-force, ended, or replaced. */
export interface MeasureRow {
  readonly id: string
  readonly member: string
  readonly at: Moment
  readonly banner: string
  readonly measure: MeasureNotified
  readonly state: string
  readonly replaced_by: string | null
}

/** What kind of measure a member tells the others of. */
export type MeasureSort = 'export-control' | 'investment-screening'

/** Export controls and investment screenings that members told of, the last first. */
export interface Measures {
  readonly at: Moment
  readonly measures: readonly MeasureRow[]
}

/** What the convener said of the meeting, and when. */
export interface MeetingChangeRow {
  readonly id: string
  readonly change: MeetingChanged
  readonly said_at: Moment
}

/** The convener's word on what became of a meeting; the last one holds. A moved one has all its new facts. */
export interface MeetingChanged {
  readonly meeting: string
  readonly change: Change
  readonly reason: string
  readonly begins_at: Moment | null
  readonly ends_at: Moment | null
  readonly place: string
  readonly time_zone: string | null
}

/** Meetings, the last to begin first. */
export interface Meetings {
  readonly at: Moment
  readonly meetings: readonly DialogueMeetingTypesMeetingRow[]
}

/**
 * Who takes part. `fingerprint` is None when the card cannot be opened, and `trouble` says why.
 *
 * `ended` once its world of the exercise is no more.
 */
export interface Member {
  readonly member: string
  readonly at: Moment
  readonly card: string
  readonly fingerprint: string | null
  readonly trouble: string | null
  readonly ended: End | null
}

/** A member of the compact, what it is now, and whether its card was admitted here. */
export interface MemberRow {
  readonly code: string
  readonly name: string
  readonly admitted: boolean
  readonly standing: Standing
}

/** What of an input is provided by a country, or by several together; from at least to at most. */
export interface MemberShare {
  readonly name: string
  readonly countries: readonly string[]
  readonly least_pct: number
  readonly most_pct: number
}

/** The latest that one member reported of one of its tracks, and in which record. */
export interface MemberTrack {
  readonly name: string
  readonly member: string
  readonly record: string
  readonly said_at: Moment
  readonly label: Label
  readonly track: Track
}

/** Every member's tracks that may still fly, as reported. */
export interface MemberTracks {
  readonly at: Moment
  readonly tracks: readonly MemberTrack[]
}

/** A message, original first. `banner` is its label in words. */
export interface MessageRow {
  readonly id: string
  readonly conversation: string
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly precedence: Precedence
  readonly banner: string
  readonly language: string
  readonly text: string
  readonly answers: string | null
  readonly about: readonly string[]
  readonly readback: boolean
  readonly reach: readonly Reach[]
  readonly translations: readonly TranslationRow[]
  readonly attachments: readonly AttachmentRow[]
  readonly minutes_of: Call | null
}

/** A step on the way to what was promised. */
export interface Milestone {
  readonly title: string
  readonly due_at: Moment | null
}

/** The minutes as the convener took them last. */
export interface MinutesRow {
  readonly id: string
  readonly versions: readonly ConsultRecordsVersion[]
  readonly said_at: Moment
  readonly author: string
  readonly label: Label
  readonly banner: string
}

/** An error as a door tells it. */
export interface Mistake {
  readonly error: string
  readonly says: string
  readonly facts: Readonly<Record<string, string>>
  readonly remedy: string
}

/** Another time for a meeting of ours, or another place with its time zone. */
export interface MoveMeetingAsk {
  readonly meeting: string
  readonly begins_at: Moment
  readonly ends_at: Moment
  readonly reason: string
  readonly place?: string | null
  readonly time_zone?: string | null
}

/**
 * The master scenario events list as it is played here, in seconds of play.
 *
 * `late_s`: so late, at worst, this node has brought about its injects since the clock was set, since the clock runs
 * too fast for the machine; null while it keeps up.
 */
export interface Msel {
  readonly title: string
  readonly starts_at: Moment
  readonly lasts_s: number
  readonly dry: boolean
  readonly now_s: number
  readonly late_s: number | null
  readonly injects: readonly InjectRow[]
  readonly expected: readonly ExpectedRow[]
}

/** Say that these objects, by their digests and in this order, came as one bundle: to each audience those it has. */
export interface NameBundleAsk {
  readonly bundle: string
  readonly label: Label
  readonly objects: readonly string[]
}

/** What a claimant (ISO 3166 alpha-3) calls a place. */
export interface NamedBy {
  readonly claimant: string
  readonly language: string
  readonly name: string
}

/** An input next to another in the graph, and how it stands to it. */
export interface Neighbour {
  readonly key: string
  readonly name: string
  readonly sort: EdgeSort
}

/** What the device made, and what its officer calls it. */
export interface NewPasskey {
  readonly name: string
  readonly credential: Readonly<Record<string, unknown>>
}

/** The new one, and the current one where the session is no longer fresh. */
export interface NewPassword {
  readonly new: string
  readonly current?: string | null
}

/** Here nothing is played between these times of the exercise. The last corner joins the first. */
export interface NoPlayAsk {
  readonly name: string
  readonly corners_deg: readonly (readonly [number, number])[]
  readonly begins_at: Moment
  readonly ends_at: Moment
  readonly why: string
  readonly label: Label
}

/** A share set that is not told even in bands, and why. */
export interface NotShared {
  readonly input: string
  readonly basis: Basis
  readonly why: string
}

/** A record that a node keeps but cannot read. */
export interface NotUnderstood {
  readonly said_by: string
  readonly at: Moment
  readonly record: string
  readonly kind: string
  readonly why: string
}

/** A meeting of ours was held. What was owed is counted anew from it. */
export interface NoteHeldAsk {
  readonly meeting: string
}

/**
 * How far a commitment of ours is: taken up, under way, fulfilled, withdrawn; or declined, if others proposed it.
 *
 * `reached` are all its milestones so far, counted from 0.
 */
export interface NoteProgressAsk {
  readonly commitment: string
  readonly step: DialogueRecordsStep
  readonly words: string
  readonly language: string
  readonly label: Label
  readonly reached?: readonly number[]
  readonly evidence?: readonly Evidence[]
}

/** How what flies agrees with a launch that was announced for that time and place. */
export type NoticeFit = 'as notified' | 'notified, path not known yet' | 'not on the notified path' | 'more than were notified'

/**
 * A launch that was announced for that time and place: which notice, and what time, place and path say of it.
 *
 * `member` passed it on, `notifier` announced it. A notice that does not `counts` changes no confidence: its grade is
 * too poor. `words` say all of it in sentences.
 */
export interface NoticeMatch {
  readonly notice: string
  readonly member: string
  readonly notifier: string
  readonly number: string
  readonly vehicle: string
  readonly grade: string
  readonly counts: boolean
  readonly fit: NoticeFit
  readonly time: string
  readonly place: string
  readonly path: string
  readonly words: string
}

/**
 * A launch that was announced before it is made. It is called by this record's id.
 *
 * `notifier` announced it, a state or an agency and not always a member; `number` is the notice's own; `source` says
 * what it is (an HCOC notification, a NAVAREA warning, a NOTAM). `site` is the launch site with its radius,
 * `direction_deg` where it is to fly, clockwise from true north. `words` are the notice's own.
 */
export interface NotifiedLaunch {
  readonly notifier: string
  readonly number: string
  readonly source: string
  readonly grade: string
  readonly vehicle: LaunchClass
  readonly windows: readonly Interval[]
  readonly site_name: string
  readonly site: Spot
  readonly language: string
  readonly words: string
  readonly areas: readonly HazardArea[]
  readonly direction_deg: number | null
  readonly report: string | null
  readonly replaces: string | null
}

/** Pass on the notice of a launch. `label`: who is told, and whose tracks it is matched to. */
export interface NotifyLaunchAsk {
  readonly notice: NotifiedLaunch
  readonly label: Label
}

/**
 * Tell those whom `label.rel_to` names, ourselves included, of a measure of ours. `text` is what is done.
 *
 * `concerns` are countries by code, none is everybody. `office` answers questions. `instead` is the one it replaces.
 */
export interface NotifyMeasureAsk {
  readonly sort: MeasureSort
  readonly title: string
  readonly language: string
  readonly text: string
  readonly legal_basis: string
  readonly in_force_from: Moment
  readonly office: string
  readonly label: Label
  readonly concerns?: readonly string[]
  readonly inputs?: readonly string[]
  readonly in_force_until?: Moment | null
  readonly instead?: string | null
}

/** Do not agree: this text is never adopted. */
export interface ObjectAsk {
  readonly text: string
  readonly language: string
  readonly reason: string
}

/** All versions of an object, the greatest first, and what it is joined to. `revoked`: by its greatest version. */
export interface ObjectCourse {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly revoked: boolean
  readonly versions: readonly CyberShownTold[]
  readonly relations: readonly Relation[]
  readonly sightings: readonly SightingRow[]
  readonly advisories: readonly string[]
}

/**
 * One version of an object as one member told it.
 *
 * `modified` is what stands in the object, verbatim; "" for what has no versions. `tlp` is the stricter of its own
 * markings, of its label and, where another than its author loosened it, of what was said before. `flags` are
 * findings in words.
 */
export interface ObjectRow {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly created: string
  readonly modified: string
  readonly revoked: boolean
  readonly tlp: Tlp
  readonly record: string
  readonly member: string
  readonly at: Moment
  readonly label: Label
  readonly banner: string
  readonly flags: readonly string[]
}

/** What is to be learnt, and which capability it exercises. */
export interface Objective {
  readonly id: string
  readonly words: string
  readonly capability: string
}

/** A page of objects, the last taken in first, each in its greatest version. `next` is where the next one begins. */
export interface Objects {
  readonly objects: readonly ObjectRow[]
  readonly next: number | null
  readonly total: number
}

/** What somebody saw. */
export interface Observation {
  readonly record: string
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly finding: ExerciseRecordsFinding
  readonly text: string
  readonly language: string
  readonly objective: string | null
  readonly about: readonly string[]
}

/** Something that should be kept or mended, as somebody saw it; `about` are records that show it. */
export interface ObserveAsk {
  readonly finding: ExerciseRecordsFinding
  readonly text: string
  readonly language: string
  readonly label: Label
  readonly objective?: string | null
  readonly about?: readonly string[]
}

/**
 * Where and when it met the ground, by plots that led down to it.
 *
 * `covariance_m2` is (east-east, east-north, north-north).
 */
export interface ObservedImpact {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly at: Moment
  readonly at_sigma_s: number
  readonly covariance_m2: readonly [number, number, number]
}

/** Where and when it met the ground, as plots that led down to it tell. Never a prediction. */
export interface ObservedImpactPoint {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly at: Moment
  readonly at_sigma_s: number
  readonly ellipse50: Ellipse
  readonly ellipse90: Ellipse
  readonly areas: readonly WarningRecordsArea[]
}

/** An offer that may be taken now. */
export interface Offer {
  readonly id: string
  readonly by: string
  readonly to: string
  readonly at: Moment
  readonly notes: string
  readonly open_items: readonly string[]
}

/**
 * Offer so much of an input from then on, to a request or to whom it may serve.
 *
 * `label.rel_to` holds ourselves; with a `request`, also who asked, and nobody whom it did not ask.
 */
export interface OfferHelpAsk {
  readonly title: string
  readonly language: string
  readonly text: string
  readonly input: string
  readonly available_from: Moment
  readonly office: string
  readonly label: Label
  readonly quantity?: number | null
  readonly unit?: string
  readonly request?: string | null
}

/** Offer a response with each member's part in it. `instead` is the option it replaces, of whoever's. */
export interface OfferOptionAsk {
  readonly consultation: string
  readonly title: string
  readonly field: Field
  readonly language: string
  readonly text: string
  readonly parts: readonly ConsultRecordsPart[]
  readonly begins_at: Moment
  readonly instead?: string | null
}

/** An offer of help. `fits` are requests for the same input that it does not name. `accepted` by which request. */
export interface OfferRow {
  readonly id: string
  readonly member: string
  readonly at: Moment
  readonly banner: string
  readonly offer: HelpOffered
  readonly fits: readonly string[]
  readonly accepted: string | null
}

/** Offer the watch to another officer, with what he must know and what is open. */
export interface OfferWatchAsk {
  readonly to: string
  readonly notes: string
  readonly open_items?: readonly string[]
}

/**
 * An office of a member. `holder` is None where it is vacant, or where we were not told.
 *
 * `held_since` is when that was said. `state` is open or abolished; then `successor` has what it promised, or nobody.
 */
export interface OfficeRow {
  readonly member: string
  readonly office: string
  readonly also: readonly string[]
  readonly state: string
  readonly holder: string | null
  readonly held_since: Moment | null
  readonly successor: string | null
  readonly reason: string
  readonly commitments: number
  readonly record: string
  readonly banner: string
}

/** Every office that a member opened, by member and name. */
export interface Offices {
  readonly at: Moment
  readonly offices: readonly OfficeRow[]
}

/** Which one. */
export interface OldPasskey {
  readonly id: string
}

/**
 * A lane of ours in which we may have said more than we hold, and what an officer may declare lost of it.
 *
 * `claimed` is the highest number that a peer shows, `by` which peers do; 0 and nobody where none was heard.
 */
export interface OpenLane {
  readonly audience: readonly string[]
  readonly precedence: Precedence
  readonly holds: number
  readonly claimed: number
  readonly by: readonly string[]
  readonly first: number
  readonly last: number
}

/** Put an office of ours on record, with what it is called also: in other languages, or in short. */
export interface OpenOfficeAsk {
  readonly office: string
  readonly label: Label
  readonly also?: readonly string[]
}

/** How a message about a record begins: marked as that is, to those who have it. The words are an officer's. */
export interface Opening {
  readonly classification: Classification
  readonly precedence: Precedence
  readonly to: readonly string[]
  readonly subject: string
  readonly about: readonly string[]
  readonly caveats: readonly string[]
}

/** What is done before a replay can be seen. */
export type OpeningStage = 'reading' | 'folding' | 'checking'

/** An option as it stands. It is `available` to those members alone for whom no caveat forbids their part. */
export interface OptionRow {
  readonly id: string
  readonly member: string
  readonly title: string
  readonly field: Field
  readonly language: string
  readonly text: string
  readonly parts: readonly ConsultRecordsPart[]
  readonly begins_at: Moment
  readonly at: Moment
  readonly available_to: readonly string[]
  readonly forbidden: readonly ForbiddenRow[]
  readonly stances: readonly StanceRow[]
  readonly instead: string | null
  readonly replaced_by: string | null
}

/** Whence a number is: data set, source, licence, year; and when we took it in. */
export interface Origin {
  readonly dataset: string
  readonly title: string
  readonly source: string
  readonly licence: string
  readonly years: readonly number[]
  readonly imported_at: Moment
}

/** What became of one line of many: the records said, or the mistake. `waits`: for a second person. */
export interface Outcome {
  readonly line: number
  readonly records?: readonly string[]
  readonly again?: boolean
  readonly waits?: boolean
  readonly mistake?: Mistake
}

/** How many ended so; an empty outcome where none is known. */
export interface OutcomeCount {
  readonly outcome: string
  readonly incidents: number
}

/** The whole plan. Injects stand in the order of time, those that no time decides last and as in the file. */
export interface Outline {
  readonly title: string
  readonly summary: string
  readonly starts_at: Moment
  readonly lasts_s: number
  readonly objectives: readonly Objective[]
  readonly cells: readonly OutlineCell[]
  readonly injects: readonly OutlineInject[]
  readonly answers: number
}

/** Some people of one member. */
export interface OutlineCell {
  readonly id: string
  readonly member: string
  readonly role: CellRole
  readonly office: string
}

/** An inject as it is read. `goes_s` is None where a hand, a condition or a circle decides when it goes. */
export interface OutlineInject {
  readonly id: string
  readonly title: string
  readonly cell: string
  readonly command: string | null
  readonly words: string | null
  readonly goes_s: number | null
  readonly when: Condition | null
  readonly by_hand: boolean
  readonly after: readonly string[]
  readonly delay_s: number
  readonly expects: readonly Expected[]
}

/**
 * Something due on a calendar: a series to be held (`series`), a commitment or one of its milestones.
 *
 * `uid` names it for good: the calendar of tomorrow calls the same thing the same. `changes` grows whenever it does.
 */
export interface Owed {
  readonly uid: string
  readonly what: string
  readonly title: string
  readonly language: string
  readonly due_at: Moment
  readonly state: string
  readonly member: string | null
  readonly office: string | null
  readonly record: string
  readonly changed_at: Moment
  readonly changes: number
  readonly label: Label
  readonly banner: string
}

/** So many of a collection, in order. Others come after position `next`; None when these are the last. */
export interface Page {
  readonly objects: readonly Added[]
  readonly next: number | null
}

/** A paper for the meeting. */
export interface PaperRow {
  readonly id: string
  readonly member: string
  readonly title: string
  readonly versions: readonly ConsultRecordsVersion[]
  readonly attachments: readonly Attachment[]
  readonly said_at: Moment
  readonly label: Label
  readonly banner: string
}

/** A reaction that failed three times, set aside. */
export interface ParkedRow {
  readonly reaction: string
  readonly subject: string
  readonly error: string
  readonly at: string
}

/** A passkey as its officer sees it. */
export interface PasskeyRow {
  readonly id: string
  readonly name: string
  readonly made_at: string
  readonly used_at: string | null
}

/** Longitude, latitude (degrees), altitude (m), seconds after the track's first plot. */
export type PathPoint = readonly [lon_deg: number, lat_deg: number, alt_m: number, t_s: number]

/** What moves the vehicle now, as far as the track can tell. */
export type Phase = 'unknown' | 'boost' | 'coast' | 'reentry' | 'maneuver'

/** What is in flight, what was warned of, and what we see with. `warnings` is what to doubt of it. */
export interface Picture {
  readonly at: Moment
  readonly tracks: readonly SystemTrack[]
  readonly alerts: readonly StandingAlert[]
  readonly sensors: readonly SensorSite[]
  readonly warnings: readonly Warn[]
}

export interface PictureMessage {
  readonly type: 'picture'
  readonly picture: Picture
}

/** Where, as the member that says it writes the name; a spot, an outline, both, or the name alone. */
export interface Place {
  readonly name: string
  readonly language: string
  readonly spot: Spot | null
  readonly outline: readonly Corner[] | null
}

/** This is to be played: a plan as its TOML file has it, in place of the one before. */
export interface PlanAsk {
  readonly exercise: string
  readonly plan: string
  readonly label: Label
}

/** Check the line to that member every so many seconds, from the next slot on. Holds for both sides. */
export interface PlanChecks {
  readonly member: string
  readonly every_s: number
  readonly deliver_within_s?: number
  readonly answer_within_s?: number
}

/** The plan that was last said live of an exercise, for its control inside it: who said it, when, and its text. */
export interface PlanHere {
  readonly version: number
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly plan: string
}

/** The plan that counts: who said it, when, and its text. */
export interface PlanSaid {
  readonly exercise: string
  readonly version: number
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly plan: string
}

/**
 * One detection, refraction corrected by the site.
 *
 * A radar gives azimuth (clockwise from true north) and elevation in its own horizon frame, and
 * range. An infrared satellite gives the two angles of `physics.infrared` and no range.
 * `offset_s` counts from the scan's `at`.
 */
export type Plot = readonly [offset_s: number, azimuth_rad: number, elevation_rad: number, range_m: number | null, snr_db: number]

/** ACP 121: how urgently a record must be handled. A higher one overtakes a lower one. */
export type Precedence = 0 | 1 | 2 | 3

/**
 * Where and when it will meet the ground if nothing changes. Never an observation.
 *
 * It comes before `earliest_at` with 5 %, and after `latest_at` with 5 %.
 */
export interface PredictedImpactPoint {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly at: Moment
  readonly at_sigma_s: number
  readonly earliest_at: Moment
  readonly latest_at: Moment
  readonly ellipse50: Ellipse
  readonly ellipse90: Ellipse
  readonly areas: readonly WarningRecordsArea[]
}

/** What its member said of a commitment. */
export interface ProgressRow {
  readonly id: string
  readonly step: DialogueRecordsStep
  readonly words: string
  readonly language: string
  readonly reached: readonly number[]
  readonly evidence: readonly Evidence[]
  readonly said_at: Moment
  readonly banner: string
}

/** A proposal and what became of it. `ask` is the whole ask as JSON, `words` what both must read. */
export interface Proposal {
  readonly id: string
  readonly member: string
  readonly command: string
  readonly ask: string
  readonly words: string
  readonly by: string
  readonly at: Moment
  readonly until: Moment
  readonly state: ProposalState
  readonly settled_by: string | null
  readonly settled_at: Moment | null
  readonly reason: string
}

/** Where a proposal stands. Only an open one can be approved. */
export type ProposalState = 'open' | 'approved' | 'declined' | 'lapsed'

/** What waits for a second person, and what did a short while ago, oldest first. */
export interface Proposals {
  readonly at: Moment
  readonly proposals: readonly Proposal[]
}

export interface ProposalsMessage {
  readonly type: 'proposals'
  readonly proposals: Proposals
}

/** What is to be done after the exercise, by which office of which member, until when. */
export interface ProposeActionAsk {
  readonly action: string
  readonly member: string
  readonly office: string
  readonly due: Moment
  readonly label: Label
  readonly objective?: string | null
}

/** What a member shall be from now on: member, reader, suspended or expelled. A new one comes with its card. */
export interface ProposeStanding {
  readonly member: string
  readonly standing: Standing
  readonly reason: string
  readonly name?: string | null
  readonly card?: string | null
}

/**
 * Propose a joint text, which is our assent to it. All others assent by silence until the deadline.
 *
 * `least_s`: for no less than so long has an officer it before him whose silence counts. `amends` names a text of the
 * round before; it may be left out where there is but one.
 */
export interface ProposeTextAsk {
  readonly consultation: string
  readonly purpose: Purpose
  readonly versions: readonly ConsultRecordsVersion[]
  readonly deadline: Moment
  readonly options: readonly string[]
  readonly least_s: number
  readonly amends: string | null
  readonly reason: string
}

/**
 * A firm, with the country of its headquarters; or a country, of which the source gives one number.
 *
 * `rest`: no one in particular, but what a source says of all others together.
 */
export interface Provider {
  readonly key: string
  readonly name: string
  readonly sort: ProviderSort
  readonly alias?: string
  readonly country?: string
  readonly rest?: boolean
}

/** Whether a provider is a firm, or a country of which a source gives one number. */
export type ProviderSort = 'firm' | 'country'

/** A provider's share of an input, in percent, with its year and source; None where the source names no number. */
export interface Provision {
  readonly provider: string
  readonly input: string
  readonly share_pct: number | null
  readonly year?: number | null
  readonly source?: string
  readonly counts?: Counts | null
}

/**
 * A public alert as it stands. `doubt` says why it should be cancelled now.
 *
 * `cancel_words` are what its cancel says, or would say for the `cancel_reason` that fits now.
 */
export interface PublicAlertRow {
  readonly id: string
  readonly member: string
  readonly by: string
  readonly said_at: Moment
  readonly state: PublicAlertState
  readonly areas: readonly WarningRecordsArea[]
  readonly words: readonly Words[]
  readonly alert: string
  readonly banner: string
  readonly doubt: string | null
  readonly cancelled_at: Moment | null
  readonly cancelled_by: string | null
  readonly cancel_reason: CancelReason
  readonly cancel_words: readonly Words[]
}

/** Whether the public is told to take cover, or that it need not any more. */
export type PublicAlertState = 'issued' | 'cancelled'

/** Public alerts, newest first, and what may be issued. */
export interface PublicAlerts {
  readonly at: Moment
  readonly alerts: readonly PublicAlertRow[]
  readonly ready: readonly ReadyPublicAlert[]
}

export interface PublicAlertsMessage {
  readonly type: 'public-alerts'
  readonly 'public-alerts': PublicAlerts
}

/** What a joint text is. */
export type Purpose = 'assessment' | 'response'

/** Take in the header of a data set; its rows are put part by part. It stays at home. */
export interface PutDatasetAsk {
  readonly name: string
  readonly title: string
  readonly source: string
  readonly licence: string
  readonly digest: string
  readonly chunks: number
  readonly inputs: number
  readonly providers: number
  readonly provisions: number
  readonly edges: number
  readonly market?: string | null
  readonly left_out?: readonly string[]
  readonly left_out_in_all?: number
}

/** Put another duty list in force: the first to be called first. `by` are notifiers of the node's services.toml. */
export interface PutDutyListAsk {
  readonly steps: readonly HotlineRecordsStep[]
  readonly translate_into?: readonly string[]
}

/** All that were put in force here, the newest first. */
export interface PutPolicies {
  readonly put: readonly PutRow[]
}

/**
 * From now on, decide by these files beside the house's; the files before are in force no more.
 *
 * `digest` is what `laurel policy test` printed for them: nobody puts in force what was not tried.
 */
export interface PutPolicyAsk {
  readonly files: Readonly<Record<string, string>>
  readonly digest: string
  readonly reason: string
}

/** Policies that were put in force, by whom and why. The newest are in force. */
export interface PutRow {
  readonly record: string
  readonly at: Moment
  readonly author: string
  readonly digest: string
  readonly reason: string
  readonly files: Readonly<Record<string, string>>
}

/** Take in one part of a data set's rows, the `index`-th from 0 of those of that digest. It stays at home. */
export interface PutRowsAsk {
  readonly digest: string
  readonly index: number
  readonly inputs?: readonly Input[]
  readonly providers?: readonly Provider[]
  readonly provisions?: readonly Provision[]
  readonly edges?: readonly Edge[]
}

/**
 * For how many days we have an input, and how long what is under way keeps coming: from at least to at most.
 *
 * What is left out is unknown. `input` is its name, or its key in the data set imported last. It stays at home.
 */
export interface PutStockAsk {
  readonly input: string
  readonly cover_least_days?: number | null
  readonly cover_most_days?: number | null
  readonly lead_least_days?: number | null
  readonly lead_most_days?: number | null
  readonly as_of?: Moment | null
  readonly source?: string
}

/** How an objective was met, in this member's own eyes: P, S, M or U (HSEEP 2020), and why. */
export interface RateAsk {
  readonly objective: string
  readonly rating: Rating
  readonly text: string
  readonly language: string
  readonly label: Label
}

/** How an objective was met: the four of HSEEP 2020. */
export type Rating = 'P' | 'S' | 'M' | 'U'

/** How far a message came at one member, since when it says so, and by which office it was acknowledged. */
export interface Reach {
  readonly member: string
  readonly reached: Reached
  readonly since: Moment | null
  readonly office: string | null
  readonly readback: ReadbackState | null
  readonly readback_text: string | null
  readonly acknowledgement: string | null
}

/** How far a message came at one member. Each is said by a signed record but the first, which is the message. */
export type Reached = 'sent' | 'delivered' | 'shown' | 'acknowledged' | 'answered'

/** How a report came to an officer. */
export type ReadFrom = 'feed' | 'article' | 'dataset' | 'officer'

/** What our house takes a marking for from now on. Objects that stayed at home for it may be shared again. */
export interface ReadMarkingAsk {
  readonly marking: string
  readonly tlp: Tlp
  readonly reason: string
}

/** Where a readback stands: right and wrong are the writer's word. */
export type ReadbackState = 'awaited' | 'given' | 'right' | 'wrong'

/** What our house takes a marking for that is none of TLP. */
export interface Reading {
  readonly marking: string
  readonly tlp: Tlp | null
  readonly named_by: number
  readonly reason: string
}

/** Markings that are none of TLP, and what they are taken for: None is the strictest, home only. */
export interface Readings {
  readonly markings: readonly Reading[]
}

/**
 * What a member could tell its public of one of its alerts in force: an ask, all filled in.
 *
 * `question` is what both officers read.
 */
export interface ReadyPublicAlert {
  readonly member: string
  readonly tracks: readonly string[]
  readonly question: string
  readonly ask: InstrumentsWarningPublicAlertIssuePublicAlertAsk
}

/** Who has a record of ours, and since when it says so. */
export interface Receipt {
  readonly member: string
  readonly at: Moment
}

/** Every record for which a receipt was given, by its id. */
export interface Receipts {
  readonly receipts: readonly Received[]
}

/** One record, and every reader that gave a receipt for it. */
export interface Received {
  readonly record: string
  readonly by: readonly Receipt[]
}

/** All that this node knows of one record, in order. */
export interface RecordStory {
  readonly record: string
  readonly story: readonly ({ readonly at: string; readonly more: string; readonly what: string; readonly who: string })[]
}

/**
 * When it is usually held: every so many months, on that day.
 *
 * They are counted from the first month of that name that has not passed when the series starts; without a `month`,
 * from the one in which it starts. A day that a month does not have is no occurrence; without a `day` it is that of
 * the start, or the last of a shorter month.
 */
export interface Recurrence {
  readonly every_months: number
  readonly month: number | null
  readonly day: number | null
}

/** A sensor of ours, or a new description of one: where it stands and how well it sees. */
export interface RegisterSensorAsk {
  readonly name: string
  readonly kind: SensorKind
  readonly lat_deg: number
  readonly lon_deg: number
  readonly alt_m: number
  readonly angle_sigma_rad: number
  readonly range_sigma_m: number | null
  readonly max_range_m: number
  readonly period_s: number
  readonly false_plots: number
  readonly detection: number
  readonly min_elevation_deg?: number
  readonly sector_from_deg?: number
  readonly sector_to_deg?: number
  readonly range_bias_m?: number
  readonly angle_bias_rad?: number
  readonly time_bias_s?: number
  readonly owner?: string | null
}

/** A relationship or a sighting that joins an object to another; `to` may not be here, then it has no name. */
export interface Relation {
  readonly id: string
  readonly relationship: string
  readonly outward: boolean
  readonly to: string
  readonly name: string
  readonly type: string
  readonly record: string
}

/** From now on, tracks and alerts go out under this label. */
export interface ReleaseTracksAsk {
  readonly release: Label
  readonly reason: string
}

/** A reservation (before our assent) or an interpretation (at any time) that goes with our assent to this text. */
export interface RemarkAsk {
  readonly text: string
  readonly what: RemarkKind
  readonly language: string
  readonly words: string
}

/** What a member says beside an assent. */
export type RemarkKind = 'reservation' | 'interpretation'

/** A reservation or an interpretative statement. */
export interface RemarkRow {
  readonly member: string
  readonly what: RemarkKind
  readonly language: string
  readonly words: string
  readonly at: Moment
}

/**
 * A replay: of which log, from when to when, and the moment that is shown.
 *
 * Its times are those of the world that is replayed. `vouched`: this node knows the keys that its records were
 * checked with; else they are those that the log's own file names. `opening` is None once it can be seen.
 */
export interface Replay {
  readonly world: string
  readonly exercise: string | null
  readonly node: string
  readonly vouched: boolean
  readonly opening: LogOpening | null
  readonly records: number
  readonly from_at: Moment | null
  readonly to_at: Moment | null
  readonly at: Moment | null
  readonly position: number
  readonly playing: boolean
  readonly speed: number
  readonly live_url: string | null
}

/** Where a replay stands. A world that is says nothing of the kind. */
export interface ReplayMessage {
  readonly type: 'replay'
  readonly replay: Replay
}

/** Say that something happened. `label`: who is told, nobody who may not have the sources it rests on. */
export interface ReportIncidentAsk {
  readonly incident: Incident
  readonly label: Label
}

/**
 * A source. `grades` are each member's last one, side by side; `incidents` those that rest on it.
 *
 * `doubts` say in words what to know before it is believed.
 */
export interface ReportRow {
  readonly id: string
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly title: string
  readonly language: string
  readonly excerpt: string
  readonly publisher: string
  readonly url: string
  readonly published_at: Moment | null
  readonly retrieved_at: Moment
  readonly sha256: string
  readonly read_from: ReadFrom
  readonly licence: string
  readonly stated: Stated
  readonly grades: readonly GradeRow[]
  readonly incidents: readonly string[]
  readonly doubts: readonly string[]
  readonly banner: string
}

/** One scan, reported by its sensor. */
export interface ReportScanAsk {
  readonly sensor: string
  readonly at: Moment
  readonly plots: readonly Plot[]
}

/** A source and its words; `history` is every grade that was ever given, oldest first. */
export interface ReportWhole {
  readonly at: Moment
  readonly report: ReportRow
  readonly text: string
  readonly whole: boolean
  readonly history: readonly GradeRow[]
}

/** Sources, the last filed first; `more`: there are others. */
export interface Reports {
  readonly at: Moment
  readonly reports: readonly ReportRow[]
  readonly more: boolean
}

/**
 * Ask others to consult, in our own opinion. `label.rel_to` are those who take part, ourselves included.
 *
 * `laurel consult ready` gives the whole of it, filled in from any record that is here.
 */
export interface RequestAsk {
  readonly subject: string
  readonly ground: Ground
  readonly level: ConsultWordsLevel
  readonly language: string
  readonly opinion: string
  readonly label: Label
  readonly respond_within_s: number
  readonly convening: readonly Convening[]
  readonly sources: readonly ConsultRecordsSource[]
}

/**
 * Ask those whom `label.rel_to` names, ourselves included, for so much of an input until then.
 *
 * `notice` is the disruption that it is for.
 */
export interface RequestHelpAsk {
  readonly title: string
  readonly language: string
  readonly text: string
  readonly input: string
  readonly needed_by: Moment
  readonly office: string
  readonly label: Label
  readonly quantity?: number | null
  readonly unit?: string
  readonly notice?: string | null
}

/** Ask those whom `label.rel_to` names, ourselves included, one question. */
export interface RequestInformationAsk {
  readonly subject: string
  readonly language: string
  readonly question: string
  readonly label: Label
  readonly answer_within_s: number
  readonly sources?: readonly ConsultRecordsSource[]
}

/** A request for help: open, offered, agreed, or overdue; and the offers that name it, and those that fit it. */
export interface RequestRow {
  readonly id: string
  readonly member: string
  readonly at: Moment
  readonly banner: string
  readonly request: HelpRequested
  readonly state: string
  readonly offers: readonly string[]
  readonly fits: readonly string[]
  readonly accepted: readonly string[]
  readonly acceptances: readonly AcceptanceRow[]
  readonly agreed: number | null
}

/** A request for information, what was answered, and who has not. */
export interface RequestedInformation {
  readonly id: string
  readonly member: string
  readonly subject: string
  readonly language: string
  readonly question: string
  readonly at: Moment
  readonly due: Moment
  readonly sources: readonly ConsultRecordsSource[]
  readonly answers: readonly InformationRow[]
  readonly waits_for: readonly string[]
}

/** Answer a request by our office. `convening` is which of its ways to meet suits us, by its place from 0. */
export interface RespondAsk {
  readonly consultation: string
  readonly office: string
  readonly language: string
  readonly text: string
  readonly convening?: number | null
}

/** What a member answered to the request, and how long it took by the requester's clock. None while it has not. */
export interface ResponseRow {
  readonly member: string
  readonly office: string | null
  readonly language: string | null
  readonly text: string | null
  readonly convening: number | null
  readonly at: Moment | null
  readonly seconds: number | null
  readonly overdue: boolean
}

/**
 * Whether this node speaks to its peers, and what it waits for if not.
 *
 * `behind` is how many records this machine once held and its database does not.
 */
export interface Resumption {
  readonly state: State
  readonly unheard: readonly string[]
  readonly behind: number
  readonly lanes: readonly OpenLane[]
}

/** Take a record of ours back at every member that has it. `instead` is what we said in its place, if anything. */
export interface RetractAsk {
  readonly record: string
  readonly reason: string
  readonly instead?: string | null
}

/**
 * A record that was taken back, and by which nodes. `kind`, `title` and `said_at` where we hold that record.
 *
 * `waiting` are those it was said to that have not honoured it yet, or that can be told no more. `void`: the
 * record stands here all the same, since another than its origin, or of a kind that cannot be, took it back.
 */
export interface Retraction {
  readonly retraction: string
  readonly record: string
  readonly member: string
  readonly author: string
  readonly at: Moment
  readonly reason: string
  readonly instead: string | null
  readonly kind: string | null
  readonly title: string | null
  readonly said_at: Moment | null
  readonly honoured: readonly Honour[]
  readonly waiting: readonly string[]
  readonly void: boolean
  readonly label: Label
}

/** What was taken back, the last first. */
export interface Retractions {
  readonly retractions: readonly Retraction[]
}

export interface RetractionsMessage {
  readonly type: 'retractions'
  readonly retractions: Retractions
}

/** Judge a commitment, ours or another's: kept (1), open (0), not kept (-1), and why. Our last judgement holds. */
export interface ReviewAsk {
  readonly commitment: string
  readonly score: number
  readonly reason: string
  readonly language: string
  readonly label: Label
  readonly evidence?: readonly Evidence[]
}

/** A member's last judgement of a commitment. */
export interface ReviewRow {
  readonly id: string
  readonly member: string
  readonly score: number
  readonly reason: string
  readonly language: string
  readonly evidence: readonly Evidence[]
  readonly said_at: Moment
  readonly banner: string
}

/** Stand by this very translation, under your own name. Another person made it. */
export interface ReviewTranslationAsk {
  readonly translation: string
  readonly reviewer: string
}

/** Which one, by its id in the list. */
export interface RevokeCalendar {
  readonly id: string
}

/** Who has the secretariat: each in this order, for so many months, the first since that day. */
export interface Rotation {
  readonly members: readonly string[]
  readonly months: number
  readonly since: string
}

/**
 * The ids of what an ask made the node say. `again` when the ask had been asked before.
 *
 * `waits` when nothing is done yet: the record is a proposal, which another person must approve.
 */
export interface Said {
  readonly records: readonly string[]
  readonly again: boolean
  readonly waits: boolean
}

/** The members met on this notice, in person or not, and this came of it. Those are told who were told of it. */
export interface SayMetAsk {
  readonly notice: string
  readonly met_at: Moment
  readonly language: string
  readonly text: string
}

/** The office of a member that attends, or that a promise is bound to. */
export interface Seat {
  readonly member: string
  readonly office: string
}

/**
 * Who said two things under one number, which ones, and who saw it.
 *
 * `said_so` is the reason that the member itself gave, where it declared that number lost.
 */
export interface SeenFork {
  readonly origin: string
  readonly audience: readonly string[]
  readonly precedence: number
  readonly number: number
  readonly versions: readonly string[]
  readonly proven: boolean
  readonly seen_by: readonly string[]
  readonly at: Moment
  readonly said_so: string | null
}

/**
 * Send a message: with a `subject` and `to` it opens a conversation, else it goes on in one.
 *
 * What goes on in a conversation goes to all who were told of its opening, or of what it answers; `to` may name
 * fewer. Our own code need not be in it. Who gets a message with `readback` must say what he understood.
 */
export interface SendAsk {
  readonly classification: Classification
  readonly precedence: Precedence
  readonly language: string
  readonly text: string
  readonly to?: readonly string[]
  readonly subject?: string | null
  readonly conversation?: string | null
  readonly answers?: string | null
  readonly about?: readonly string[]
  readonly caveats?: readonly string[]
  readonly readback?: boolean
  readonly attachments?: readonly Attachment[]
  readonly minutes_of?: Call | null
}

/** Two kinds that fail for different reasons. */
export type SensorKind = 'radar' | 'infrared'

/**
 * One of our own sensors, for the map: the others keep theirs at home.
 *
 * `suspect` is why our tracker doubts it now, or None.
 */
export interface SensorSite {
  readonly name: string
  readonly kind: SensorKind
  readonly lat_deg: number
  readonly lon_deg: number
  readonly alt_m: number
  readonly max_range_m: number
  readonly sector_from_deg: number
  readonly sector_to_deg: number
  readonly last_scan_at: Moment | null
  readonly suspect: string | null
}

/** Our own sensors by name. */
export interface Sensors {
  readonly at: Moment
  readonly sensors: readonly SensorSite[]
}

/**
 * Meetings that follow each other, as this member understands it; what it says of that name later replaces it.
 *
 * `at_least_every_months` is what the members owe each other, counted from the last meeting that was held, or from
 * `starts_on`. `hosts` take turns in that order. `until`: the series ended on that day, and nothing is owed since.
 */
export interface Series {
  readonly name: string
  readonly title: string
  readonly language: string
  readonly tier: Tier
  readonly topic: string
  readonly starts_on: string
  readonly at_least_every_months: number | null
  readonly recurrence: Recurrence | null
  readonly hosts: readonly string[]
  readonly secretariat: Rotation | null
  readonly offices: readonly Seat[]
  readonly source: Citation | null
  readonly until: string | null
}

/** Every series, the first owed first. */
export interface SeriesList {
  readonly at: Moment
  readonly series: readonly SeriesRow[]
}

/**
 * A series: as most of those who declared it say it is, what is owed by when, and what is usual.
 *
 * `differs` are members who declare it otherwise. `owed_by` is when the next must be held at the latest; `overdue`:
 * that is past. `usual_on` is the next day on which it is usually held. `next_host` is the host of the next one to be
 * convened. `said_at` is when it was declared last, and `changes` grows whenever it is.
 */
export interface SeriesRow {
  readonly series: Series
  readonly declared_by: readonly string[]
  readonly differs: readonly string[]
  readonly records: readonly string[]
  readonly held: number
  readonly last: DialogueMeetingTypesMeetingRow | null
  readonly next: DialogueMeetingTypesMeetingRow | null
  readonly owed_by: Moment | null
  readonly overdue: boolean
  readonly ended: boolean
  readonly usual_on: string | null
  readonly next_host: string | null
  readonly secretariat: string | null
  readonly secretariat_until: string | null
  readonly said_at: Moment
  readonly changes: number
  readonly label: Label
  readonly banner: string
}

/** How the session of whoever looks stands. */
export interface SessionMessage {
  readonly type: 'session'
  readonly session: SessionStanding
}

/** Whose session it is, why it is locked if it is, and when it ends. */
export interface SessionStanding {
  readonly officer: string
  readonly locked: 'asked' | 'idle' | 'roles' | null
  readonly expires_at: Moment
}

/** Set the agenda of a meeting of ours, instead of the one before. `laurel dialogue ready-agenda` drafts it. */
export interface SetAgendaAsk {
  readonly meeting: string
  readonly language: string
  readonly items: readonly AgendaItem[]
  readonly label: Label
}

/** At the real moment `real_at` the exercise shows `exercise_at` and runs at `rate` (0 pauses). */
export interface SetClockAsk {
  readonly real_at: Moment
  readonly exercise_at: Moment
  readonly rate: number
  readonly label: Label
}

/** What must have come before anything is done: the clock as it was set, and what others said to this member. */
export interface SettleAsk {
  readonly clock: ClockSet
  readonly lanes: readonly LaneRow[]
}

/**
 * Nothing is left to do here at this time of the exercise. `next_at` is when something goes by itself.
 *
 * Not `level`: what must come first has not come yet, and nothing was done.
 */
export interface Settled {
  readonly now: Moment
  readonly lanes: readonly LaneRow[]
  readonly next_at: Moment | null
  readonly level: boolean
}

/**
 * Tell those whom `label.rel_to` names the shares of countries in these inputs, or in all, on that basis.
 *
 * `laurel supply to-share` shows beforehand what is told, and what is withheld.
 */
export interface ShareDependenceAsk {
  readonly basis: Basis
  readonly label: Label
  readonly dataset?: string | null
  readonly inputs?: readonly string[]
}

/**
 * Share these STIX objects, letter for letter. What was shared so before is not said again.
 *
 * An object whose own markings are stricter than `label` and `tlp` goes under the stricter. What is RED reaches those
 * alone whom `red_to` names besides. One with a marking that nobody here understands stays at home.
 */
export interface ShareObjectsAsk {
  readonly label: Label
  readonly tlp: Tlp
  readonly objects: readonly (Readonly<Record<string, unknown>>)[]
  readonly red_to?: readonly string[]
}

/** A provider's share, from at least to at most. `name` is a country's code or a firm's name. */
export interface ShareRow {
  readonly name: string
  readonly least_pct: number
  readonly most_pct: number
}

/**
 * All shares of an input on one basis, the largest first.
 *
 * `known_pct` is their sum as stated; `unknown_pct` the part that belongs to nobody by name; `scaled`: the stated
 * ones come to more than 100 and were scaled down. `unnumbered` provide it too: the source gives no number.
 */
export interface ShareSet {
  readonly input: string
  readonly name: string
  readonly basis: Basis
  readonly shares: readonly ShareRow[]
  readonly unnumbered: readonly string[]
  readonly known_pct: number
  readonly unknown_pct: number
  readonly scaled: boolean
  readonly herfindahl: Herfindahl
  readonly years: readonly number[]
  readonly sources: readonly string[]
}

/** What can be replayed at this node. `folder` is where files of other nodes are put. */
export interface Shelf {
  readonly logs: readonly Shelved[]
  readonly folder: string
}

/** Where a log lies. */
export type ShelfKind = 'live' | 'exercise' | 'file'

/** One log that can be replayed here. `url` is where it is shown now; `trouble` why it cannot be. */
export interface Shelved {
  readonly name: string
  readonly kind: ShelfKind
  readonly world: string
  readonly exercise: string | null
  readonly title: string
  readonly node: string
  readonly records: number
  readonly ended: boolean
  readonly url: string | null
  readonly trouble: string | null
}

/** These messages are on the screen of an officer. What was shown before, or is our own, is passed over. */
export interface ShownAsk {
  readonly messages: readonly string[]
}

/** This text is before that office of ours, whole. */
export interface ShownTextAsk {
  readonly text: string
  readonly office: string
}

/** One member saw an indicator. */
export interface SightingRow {
  readonly id: string
  readonly record: string
  readonly member: string
  readonly indicator: string
  readonly count: number
  readonly first_seen: string
  readonly last_seen: string
  readonly at: Moment
  readonly banner: string
}

/** Sign for the dossier of an office of ours, as its leaving or its coming holder; `sha256` is of what you read. */
export interface SignDossierAsk {
  readonly office: string
  readonly part: DialogueRecordsPart
  readonly holder: string
  readonly sha256: string
}

/** Somebody signed for a dossier. */
export interface Signature {
  readonly id: string
  readonly part: DialogueRecordsPart
  readonly holder: string
  readonly author: string
  readonly said_at: Moment
}

/** Whose session this is, and how it stands. */
export interface SignedIn {
  readonly officer: string
  readonly roles: readonly string[]
  readonly opened_by: 'link' | 'passkey' | 'password'
  readonly opened_at: Moment
  readonly expires_at: Moment
  readonly locked: 'asked' | 'idle' | 'roles' | null
  readonly lock_after_s: number
  readonly has_password: boolean
  readonly passkeys: readonly PasskeyRow[]
  readonly password_min: number
}

/** Here, or at every screen this officer is signed in at. */
export interface SigningOut {
  readonly everywhere?: boolean
}

/** This inject will not go. */
export interface SkipAsk {
  readonly inject: string
  readonly why: string
  readonly label: Label
}

/**
 * What somebody published, in the language it was written in, read and graded by an officer.
 *
 * `sha256` is of the exact bytes that were read; `text` is what was read of them, `whole` or its beginning.
 */
export interface SourcedReport {
  readonly title: string
  readonly language: string
  readonly text: string
  readonly publisher: string
  readonly retrieved_at: Moment
  readonly sha256: string
  readonly read_from: ReadFrom
  readonly grade: string
  readonly url?: string
  readonly published_at?: Moment | null
  readonly licence?: string
  readonly whole?: boolean
  readonly stated?: Stated
}

/** A place, known to within so many metres. 0: as exactly as it is written. */
export interface Spot {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly within_m: number
}

/** How far a consultation has come. It never goes back. */
export type Stage = 'requested' | 'convened' | 'assessed' | 'options' | 'text' | 'adopted' | 'not-adopted' | 'closed' | 'followed-up'

/** A member's position on an option or a text. */
export interface StanceRow {
  readonly member: string
  readonly position: ConsultWordsPosition
  readonly language: string
  readonly reason: string
  readonly at: Moment
}

/** What a member is in a world, as those whom the compact names agreed. */
export type Standing = 'member' | 'reader' | 'suspended' | 'expelled'

/** An alert as it stands now, who gave it, and who has acknowledged it. */
export interface StandingAlert {
  readonly id: string
  readonly member: string
  readonly said_at: Moment
  readonly reason: AlertReason
  readonly state: AlertState
  readonly tracks: readonly string[]
  readonly areas: readonly WarningRecordsArea[]
  readonly confidence: string
  readonly impact_at: Moment | null
  readonly lead_s: number | null
  readonly banner: string
  readonly words: string
  readonly acknowledged: readonly AlertAcknowledgement[]
}

export interface StandingsMessage {
  readonly type: 'standings'
  readonly standings: Changes
}

/** Play this plan from now on; `dry` without people: nodes answer as the plan says that they would. */
export interface StartAsk {
  readonly plan: string
  readonly label: Label
  readonly dry?: boolean
  readonly changed?: readonly string[]
}

/** Whether this node speaks to its peers. */
export type State = 'listening' | 'recovering' | 'waiting' | 'speaking'

/**
 * What a report states as fact, so that two reports can be held against each other. None: it does not say.
 *
 * `outcome` is one word, such as `success` or `failure`.
 */
export interface Stated {
  readonly when: Interval | null
  readonly where: Spot | null
  readonly counts: readonly Count[]
  readonly outcome: string | null
}

/** Which members have issued the joint statement, and since when. */
export interface StatementRow {
  readonly text: string
  readonly text_hash: string
  readonly issued_by: readonly string[]
  readonly missing: readonly string[]
}

/**
 * Of an input, by its own name: for how many days we have it, and how long what is under way keeps coming.
 *
 * Each from at least to at most; None is unknown, and an unknown most has no bound. The last said of a name holds.
 */
export interface StockPut {
  readonly input: string
  readonly cover_least_days: number | null
  readonly cover_most_days: number | null
  readonly lead_least_days: number | null
  readonly lead_most_days: number | null
  readonly as_of: Moment | null
  readonly source: string
}

/** Our stock of an input, as last put; `in_dataset`: the data set in use knows that name. */
export interface StockRow {
  readonly record: string
  readonly stock: StockPut
  readonly said_at: Moment
  readonly by: string
  readonly in_dataset: boolean
}

/** All stocks, by the input's name. */
export interface Stocks {
  readonly stocks: readonly StockRow[]
}

/**
 * One thing in flight, fused from every member's track of it.
 *
 * `sources` are the sensors that saw it, each once, whoever reports its plots; `sensors` counts them. `flags` say
 * what makes it less believable, `split_from` which system track it came out of. `path` is where it is predicted to go
 * from `position` on.
 */
export interface SystemTrack {
  readonly number: string
  readonly state: TrackState
  readonly phase: Phase
  readonly first_at: Moment
  readonly at: Moment
  readonly seen_at: Moment
  readonly position: WarningPictureTypesPosition
  readonly position_sigma_m: number
  readonly speed_mps: number
  readonly speed_sigma_mps: number
  readonly heading_deg: number
  readonly climb_mps: number
  readonly members: readonly string[]
  readonly tracks: readonly string[]
  readonly sensor_kinds: readonly SensorKind[]
  readonly sensors: number
  readonly confidence: string
  readonly classes: readonly VehicleClass[]
  readonly trail: readonly PathPoint[]
  readonly path: readonly PathPoint[]
  readonly overflies: readonly WarningRecordsArea[]
  readonly launch: Launch | null
  readonly impact: PredictedImpactPoint | null
  readonly no_impact_because: string | null
  readonly observed: ObservedImpactPoint | null
  readonly sources: readonly string[]
  readonly flags: readonly Flag[]
  readonly split_from: string | null
  readonly notice: NoticeMatch | null
}

/**
 * Our minutes of a meeting of ours, the original first, and what was agreed to be done.
 *
 * Actions become commitments: those of our offices at once, those of others once their member takes them up. Minutes
 * taken again replace those before; actions are said once, and not again with them.
 */
export interface TakeMinutesAsk {
  readonly meeting: string
  readonly versions: readonly ConsultRecordsVersion[]
  readonly label: Label
  readonly actions?: readonly DialogueMeetingsAction[]
}

/** Take the watch from an officer who cannot hand it over, and say why. */
export interface TakeOverWatchAsk {
  readonly reason: string
}

/** Our position on an option or a text, instead of the one before. `consents`: our caveats that we lift for it. */
export interface TakeStanceAsk {
  readonly consultation: string
  readonly on: string
  readonly position: ConsultWordsPosition
  readonly language: string
  readonly reason: string
  readonly consents?: readonly string[]
}

/** Propose the text as a member would have it, by the record of its amendment. */
export interface TakeUpAsk {
  readonly amendment: string
  readonly deadline: Moment
  readonly reason?: string
}

/** Take the watch: the offer that was read, or none where nobody has the watch or its officer is long gone. */
export interface TakeWatchAsk {
  readonly offer?: string | null
}

/**
 * Of one basis, or of `stated` (all that the source states by country): how many sets lie above.
 *
 * `above` whatever the missing part is, `perhaps` if the missing part is so, `as_given` with the rows as they stand.
 */
export interface Tally {
  readonly basis: string
  readonly sets: number
  readonly above: number
  readonly perhaps: number
  readonly as_given: number
}

/** A joint text: its versions, its state, whom it waits for and what each has done with it. */
export interface TextRow {
  readonly id: string
  readonly member: string
  readonly purpose: Purpose
  readonly round: number
  readonly versions: readonly ConsultRecordsVersion[]
  readonly clauses: readonly ConsultRecordsVersion[]
  readonly options: readonly string[]
  readonly text_hash: string
  readonly deadline: Moment
  readonly at: Moment
  readonly amends: string | null
  readonly reason: string
  readonly state: TextState
  readonly waits_for: readonly string[]
  readonly votes: readonly VoteRow[]
  readonly remarks: readonly RemarkRow[]
  readonly stances: readonly StanceRow[]
}

/** Where a text stands. Adopted, broken and overtaken are final. */
export type TextState = 'open' | 'provisional' | 'adopted' | 'broken' | 'overtaken'

/** An input, and what each member told of it, side by side; sets of two bases stay two. */
export interface TheirInput {
  readonly name: string
  readonly sets: readonly TheirSet[]
}

/** A share set that a member told, with the index that follows from what was told alone. */
export interface TheirSet {
  readonly record: string
  readonly member: string
  readonly at: Moment
  readonly banner: string
  readonly dataset: string
  readonly title: string
  readonly source: string
  readonly licence: string
  readonly market: string | null
  readonly shares: ShareSet
}

/** Who meets. */
export type Tier = 'leaders' | 'ministers' | 'advisers' | 'officials' | 'working'

/** Traffic Light Protocol 2.0 (FIRST, 2022). Order of declaration is order of strictness. */
export type Tlp = 'TLP:CLEAR' | 'TLP:GREEN' | 'TLP:AMBER' | 'TLP:AMBER+STRICT' | 'TLP:RED'

/** What would be told of our data, as it would be told; and what would be withheld. */
export interface ToShare {
  readonly origin: Origin
  readonly inputs: readonly InputShares[]
  readonly withheld: readonly NotShared[]
}

/** An alert that a member told of. */
export interface ToldAlert {
  readonly member: string
  readonly record: string
  readonly said_at: Moment
  readonly label: Label
  readonly alert: CoarseAlert
}

export interface ToldMessage {
  readonly type: 'told'
  readonly told: WarningCoarseTold
}

/** The last that a member told of one of its tracks, and how coarsely. */
export interface ToldTrack {
  readonly name: string
  readonly member: string
  readonly record: string
  readonly said_at: Moment
  readonly label: Label
  readonly grid_m: number
  readonly track: CoarseTrack
}

/**
 * One track of one member. Numbers count from 1 per member and are never used twice.
 *
 * State is ECEF (rotating) at `at`; `covariance` is the upper triangle, row by row, 21 numbers,
 * of the 6x6 covariance of (position m, velocity m/s). `seen_at` is the time of its last plot.
 * `pedigree` names the plots it is made of; empty where that is unknown. `split_from` is the track it came out of.
 * `freed` is None while a motor, fins or air may move it.
 */
export interface Track {
  readonly number: number
  readonly state: TrackState
  readonly phase: Phase
  readonly first_at: Moment
  readonly at: Moment
  readonly seen_at: Moment
  readonly position_ecef_m: readonly [number, number, number]
  readonly velocity_ecef_mps: readonly [number, number, number]
  readonly covariance: readonly number[]
  readonly plots: number
  readonly sensors: readonly string[]
  readonly kinds: readonly SensorKind[]
  readonly launch: LaunchPoint | null
  readonly pedigree: readonly WarningRecordsSource[]
  readonly drag: Drag | null
  readonly flags: readonly Flag[]
  readonly split_from: number | null
  readonly observed: ObservedImpact | null
  readonly freed: FreeFall | null
}

/** One system track as it stands, and all that was reported of it, oldest first. */
export interface TrackHistory {
  readonly track: SystemTrack
  readonly history: readonly TrackMoment[]
}

/** What one member reported of a track at one time; at most one in five seconds is kept. */
export interface TrackMoment {
  readonly track: string
  readonly at: Moment
  readonly state: TrackState
  readonly phase: Phase
  readonly position: WarningPictureTypesPosition
  readonly position_sigma_m: number
  readonly speed_mps: number
}

/**
 * What the reporting member knows of the track now. A lost track is not an impact.
 *
 * FALLEN: its plots led down to the ground, so its impact was observed.
 */
export type TrackState = 'tracked' | 'coasting' | 'lost' | 'fallen'

/** Say what a message says in another language, by a named person, or by a named engine. It is a draft. */
export interface TranslateAsk {
  readonly message: string
  readonly language: string
  readonly text: string
  readonly translator: string
  readonly engine: boolean
}

/** A translation. A draft is shown as one, with its translator; a reviewed one names its reviewer. */
export interface TranslationRow {
  readonly id: string
  readonly member: string
  readonly language: string
  readonly text: string
  readonly translator: string
  readonly engine: boolean
  readonly draft: boolean
  readonly reviewer: string | null
}

export interface TroubleMessage {
  readonly type: 'trouble'
  readonly trouble: InstrumentsLineTroubleTrouble
}

/** How likely it is a vehicle of that class. */
export interface VehicleClass {
  readonly name: string
  readonly probability: number
}

/** What became of an expected action. */
export type Verdict = 'done' | 'late' | 'missed' | 'awaited' | 'not asked'

/** What a member did with a text. */
export type VoteKind = 'proposed' | 'silent' | 'agreed' | 'objected' | 'amended' | 'elsewhere' | 'left'

/** Where one of those asked stands towards a text: its vote, or how far the text came to it. */
export interface VoteRow {
  readonly member: string
  readonly vote: VoteKind | null
  readonly at: Moment | null
  readonly record: string | null
  readonly held_at: Moment | null
  readonly shown_to: readonly string[]
  readonly reason: string
  readonly language: string | null
  readonly edits: readonly Edit[]
}

/** Let our own translation engine make a draft, for our own house. */
export interface WantTranslationAsk {
  readonly message: string
  readonly language: string
}

/** What in the picture itself cannot well be true: so many new tracks from the one time to the other. */
export interface Warn {
  readonly first_at: Moment
  readonly last_at: Moment
  readonly tracks: number
  readonly confirmed: number
  readonly words: string
}

/** Who has the watch since when, the offer that stands, and the last hand-overs, newest first. */
export interface Watch {
  readonly holder: string | null
  readonly since: Moment | null
  readonly offer: Offer | null
  readonly hand_overs: readonly HandOver[]
}

export interface WatchMessage {
  readonly type: 'watch'
  readonly watch: Watch
}

/** What follows if that fails from that time on, the first to run short first. `words` says what was supposed. */
export interface WhatIf {
  readonly origin: Origin
  readonly fails: Fails
  readonly names: readonly string[]
  readonly begins_at: Moment
  readonly impacts: readonly Impact[]
  readonly set_aside: readonly GraphEdge[]
  readonly words: string
}

/** One commitment with all that its member said of it, and every judgement, the last first. */
export interface WholeCommitment {
  readonly at: Moment
  readonly commitment: CommitmentRow
  readonly progress: readonly ProgressRow[]
  readonly reviews: readonly ReviewRow[]
}

/**
 * One meeting with all that was said for it and in it.
 *
 * `actions` are the commitments that were agreed in it; `carried` are those of the meetings before it, of the same
 * series, that are open still.
 */
export interface WholeMeeting {
  readonly at: Moment
  readonly meeting: DialogueMeetingTypesMeetingRow
  readonly changes: readonly MeetingChangeRow[]
  readonly agenda: AgendaRow | null
  readonly papers: readonly PaperRow[]
  readonly minutes: MinutesRow | null
  readonly actions: readonly CommitmentRow[]
  readonly carried: readonly CommitmentRow[]
}

/** What the public reads, in one language (ISO 639). */
export interface Words {
  readonly language: string
  readonly text: string
}

/** Another world of this node, and where its page is. */
export interface WorldLink {
  readonly world: string
  readonly exercise: string | null
  readonly title: string
  readonly url: string
  readonly halted: boolean
}

/** How many incidents began in a year, UTC, and how they ended. */
export interface YearCount {
  readonly year: number
  readonly incidents: number
  readonly outcomes: readonly OutcomeCount[]
}

/** Incidents by year, the earliest first. What two members took from the same line of a list counts once. */
export interface Years {
  readonly at: Moment
  readonly incidents: number
  readonly years: readonly YearCount[]
}

/**
 * Convene a meeting of a series. `label.rel_to` are those who meet, ourselves included.
 *
 * `laurel dialogue ready-meeting` proposes it: title, host by rotation, the day on which it usually falls.
 */
export interface ApiAsksConveneAsk {
  readonly series: string
  readonly title: string
  readonly language: string
  readonly begins_at: Moment
  readonly ends_at: Moment
  readonly place: string
  readonly time_zone: string
  readonly label: Label
  readonly host?: string | null
  readonly previous?: string | null
  readonly held?: boolean
  readonly all_day?: boolean
  readonly source?: Citation | null
}

/**
 * Wake the public: tell everyone in these areas of ours, in these words, what an own alert in force predicts.
 *
 * `after` names the last cancel of a public alert on the same threat, if there was one: so that what was proposed
 * before a cancel cannot be approved after it.
 */
export interface ApiAsksIssuePublicAlertAsk {
  readonly alert: string
  readonly areas: readonly WarningRecordsArea[]
  readonly words: readonly Words[]
  readonly after?: string | null
}

/**
 * What became of a bundle: how many objects came, were said, and were here so before; and what is wrong with any.
 *
 * `records` name what was said now, the records of the bundle last.
 */
export interface ApiCyberShared {
  readonly bundle: string
  readonly objects: number
  readonly said: number
  readonly held: number
  readonly findings: readonly CyberSharingFinding[]
  readonly records: readonly string[]
}

/** What was found of one part of a plan, and what to do. */
export interface ApiExercisesFindingRow {
  readonly level: ExercisePlanCheckLevel
  readonly about: string
  readonly words: string
  readonly remedy: string
}

/** A member's own assessment. */
export interface ConsultCourseTypesAssessmentRow {
  readonly member: string
  readonly language: string
  readonly text: string
  readonly at: Moment
}

/** What one member would do in an option, and where (member codes, or `high-seas`). Nothing: it takes no part. */
export interface ConsultRecordsPart {
  readonly member: string
  readonly activities: readonly Activity[]
  readonly where: readonly string[]
  readonly office: string
}

/** A record that a consultation rests on, as its reader will find it: kind, origin, when, and its own words. */
export interface ConsultRecordsSource {
  readonly record: string
  readonly kind: string
  readonly origin: string
  readonly at: Moment
  readonly words: string
}

/** A joint text in one language. */
export interface ConsultRecordsVersion {
  readonly language: string
  readonly text: string
}

/** Who is to talk. */
export type ConsultWordsLevel = 'working' | 'adviser' | 'minister' | 'leader'

/** What a member thinks of an option or a text, before any procedure. */
export type ConsultWordsPosition = 'supports' | 'accepts' | 'abstains' | 'opposes'

/** How grave a vulnerability or a campaign is: the ratings of CVSS. */
export type CyberRecordsSeverity = 'low' | 'medium' | 'high' | 'critical'

/** An advisory in one language: what is known, and what is to be done. */
export interface CyberRecordsVersion {
  readonly language: string
  readonly title: string
  readonly text: string
  readonly advice: string
}

/** What is wrong with one object of many: which, by its place among them and its id, and why. */
export interface CyberSharingFinding {
  readonly place: number
  readonly object: string
  readonly why: string
}

/** A member says that this STIX identity is its own. `disputed`: another says so too, so it is nobody's. */
export interface CyberShownClaim {
  readonly identity: string
  readonly member: string
  readonly record: string
  readonly reason: string
  readonly disputed: boolean
}

/** What is wrong with objects that came, the last first. */
export interface CyberShownFindings {
  readonly findings: readonly InstrumentsCyberShownFindingRow[]
}

/** One version of an object, whole. */
export interface CyberShownTold {
  readonly row: ObjectRow
  readonly stix: unknown
}

/**
 * A meeting as it stands: with what its convener said of it since.
 *
 * `state` is planned, moved, cancelled, held, or past (its time is over, and nobody said that it was held).
 * `previous` and `next` are those before and after it in its series.
 */
export interface DialogueMeetingTypesMeetingRow {
  readonly id: string
  readonly convener: string
  readonly series: string
  readonly series_title: string
  readonly tier: Tier | null
  readonly title: string
  readonly language: string
  readonly begins_at: Moment
  readonly ends_at: Moment
  readonly place: string
  readonly time_zone: string
  readonly host: string | null
  readonly all_day: boolean
  readonly state: 'cancelled' | 'held' | 'moved' | 'past' | 'planned'
  readonly reason: string
  readonly previous: string | null
  readonly next: string | null
  readonly source: Citation | null
  readonly said_at: Moment
  readonly changed_at: Moment
  readonly changes: number
  readonly label: Label
  readonly banner: string
}

/** What an office of a member shall do, as it was agreed in the meeting. */
export interface DialogueMeetingsAction {
  readonly member: string
  readonly office: string
  readonly words: string
  readonly language: string
  readonly topic: string
  readonly due_at?: Moment | null
  readonly initiative?: Initiative | null
  readonly partners?: readonly string[]
  readonly milestones?: readonly Milestone[]
}

/** Which of the two signs for a dossier. */
export type DialogueRecordsPart = 'leaving' | 'coming'

/** What a member says of a commitment of its own. */
export type DialogueRecordsStep = 'accepted' | 'declined' | 'under-way' | 'fulfilled' | 'withdrawn'

/** What is to be done. */
export interface ExerciseLearntAction {
  readonly record: string
  readonly proposed_by: string
  readonly action: string
  readonly member: string
  readonly office: string
  readonly due: Moment
  readonly objective: string | null
}

/** One member's last word on an objective. */
export interface ExerciseLearntWord {
  readonly objective: string
  readonly member: string
  readonly rating: Rating
  readonly text: string
  readonly language: string
  readonly at: Moment
}

/** How bad a finding is: an ERROR keeps an exercise from beginning. */
export type ExercisePlanCheckLevel = 'PASS' | 'WARNING' | 'ERROR'

/** Where nothing is played; `now` whether that holds at this moment. */
export interface ExercisePlayedArea {
  readonly record: string
  readonly name: string
  readonly corners_deg: readonly (readonly [number, number])[]
  readonly begins_at: Moment
  readonly ends_at: Moment
  readonly why: string
  readonly member: string
  readonly now: boolean
}

/** Whether something that was seen should be kept or mended. */
export type ExerciseRecordsFinding = 'strength' | 'to improve'

/** Who is called when nobody has acknowledged for `after_s`: an office, by these of the member's own notifiers. */
export interface HotlineRecordsStep {
  readonly after_s: number
  readonly office: string
  readonly by: readonly string[]
}

/** The members meet, or met, so. */
export interface InstrumentsConsultCourseConveneAsk {
  readonly consultation: string
  readonly convening: Convening
}

/** Something that is wrong with an object that is here: which, and why. */
export interface InstrumentsCyberShownFindingRow {
  readonly record: string
  readonly member: string
  readonly at: Moment
  readonly object: string
  readonly why: string
}

/**
 * Convene a meeting of a series. `label.rel_to` are those who meet, ourselves included.
 *
 * `laurel dialogue ready-meeting` proposes it: title, host by rotation, the day on which it usually falls.
 */
export interface InstrumentsDialogueMeetingsConveneAsk {
  readonly series: string
  readonly title: string
  readonly language: string
  readonly begins_at: Moment
  readonly ends_at: Moment
  readonly place: string
  readonly time_zone: string
  readonly label: Label
  readonly host: string | null
  readonly previous: string | null
  readonly held: boolean
  readonly all_day: boolean
  readonly source: Citation | null
}

/** The line to a peer was so, since then. `alive_before`: our own node was down from then until `at`. */
export interface InstrumentsLineLinksLinkRow {
  readonly peer: string
  readonly state: string
  readonly via: string
  readonly since: Moment
  readonly at: Moment
  readonly alive_before: Moment | null
}

/** Forks, false accusations and records not understood, oldest first; and who is named in them. */
export interface InstrumentsLineTroubleTrouble {
  readonly forks: readonly SeenFork[]
  readonly false_accusations: readonly FalseAccusation[]
  readonly quarantined: readonly NotUnderstood[]
  readonly members: readonly Account[]
}

/** What members told each other of their dependence, by input. */
export interface InstrumentsSupplyAnswersShared {
  readonly inputs: readonly TheirInput[]
}

/**
 * Wake the public: tell everyone in these areas of ours, in these words, what an own alert in force predicts.
 *
 * `after` names the last cancel of a public alert on the same threat, if there was one: so that what was proposed
 * before a cancel cannot be approved after it.
 */
export interface InstrumentsWarningPublicAlertIssuePublicAlertAsk {
  readonly alert: string
  readonly areas: readonly WarningRecordsArea[]
  readonly words: readonly Words[]
  readonly after: string | null
}

/** The line to one peer, and the member through which it goes, empty for the direct path. */
export interface NodeSiteLinkRow {
  readonly member: string
  readonly name: string
  readonly state: LinkState
  readonly since: Moment | null
  readonly heard_at: Moment | null
  readonly via: string
}

/** What somebody must look into. `resumption` while this node does not speak to its peers. */
export interface NodeSiteTrouble {
  readonly parked: readonly ParkedRow[]
  readonly disagreements: readonly DisagreementRow[]
  readonly resumption: Resumption | null
}

/** A member's own assessment, its last; `revised` counts those before it. */
export interface RegionBoardTypesAssessmentRow {
  readonly member: string
  readonly severity: RegionRecordsSeverity
  readonly confidence: Confidence
  readonly attribution: string
  readonly place: string
  readonly language: string
  readonly text: string
  readonly at: Moment
  readonly revised: number
  readonly banner: string
}

/** What one source says of a fact, in words. `report` is empty for the incident's own word. */
export interface RegionBoardTypesClaim {
  readonly report: string
  readonly said_by: string
  readonly grade: string
  readonly words: string
}

/** A notified launch. `state`: standing, over (its windows have passed), cancelled or replaced, and `because`. */
export interface RegionBoardTypesNoticeRow {
  readonly id: string
  readonly member: string
  readonly at: Moment
  readonly notice: NotifiedLaunch
  readonly grade_means: string
  readonly state: 'cancelled' | 'over' | 'replaced' | 'standing'
  readonly because: string
  readonly replaced_by: string | null
  readonly matches: readonly MatchRow[]
  readonly banner: string
}

/** Notified launches, the next window first; then those that are over, the last first. `more`: there are others. */
export interface RegionBoardTypesNotices {
  readonly at: Moment
  readonly notices: readonly RegionBoardTypesNoticeRow[]
  readonly more: boolean
}

/** A word of a scale and what it means, so that whoever reads it need not guess. */
export interface RegionBoardTypesWord {
  readonly word: string
  readonly means: string
}

/** How grave a member holds an incident to be, in the order of gravity. */
export type RegionRecordsSeverity = 'none' | 'minor' | 'serious' | 'grave'

/** Something that is wrong or lacking in a data set. `sort` is one of `findings.SORTS`; `subject` is where. */
export interface SupplyAnswersFinding {
  readonly sort: string
  readonly subject: string
  readonly words: string
}

/** The gap report: what there is, what is missing, what is wrong. Everything else goes on. */
export interface SupplyAnswersFindings {
  readonly origin: Origin
  readonly inputs: number
  readonly providers: number
  readonly provisions: number
  readonly edges: number
  readonly tally: Readonly<Record<string, number>>
  readonly findings: readonly SupplyAnswersFinding[]
}

/** That the members met, as one of them says. */
export interface SupplyToldTypesMeetingRow {
  readonly record: string
  readonly member: string
  readonly met_at: Moment
  readonly language: string
  readonly text: string
}

/**
 * A disruption notice and how it stands: `meeting` is not-asked, waits, overdue or met; `state` open or closed.
 *
 * `firms` only at its own house. `replaced_by` is a later notice that stands instead of it.
 */
export interface SupplyToldTypesNoticeRow {
  readonly id: string
  readonly member: string
  readonly at: Moment
  readonly banner: string
  readonly notice: DisruptionNotice
  readonly state: string
  readonly meeting: string
  readonly meet_by: Moment | null
  readonly meetings: readonly SupplyToldTypesMeetingRow[]
  readonly closed_at: Moment | null
  readonly closing_language: string | null
  readonly closing_text: string | null
  readonly replaced_by: string | null
  readonly firms: readonly FirmNamed[]
}

/** The notices of all members, the last first. */
export interface SupplyToldTypesNotices {
  readonly at: Moment
  readonly notices: readonly SupplyToldTypesNoticeRow[]
}

/** What members told of flights in the last hours, in the terms of their policies. Newer alerts first. */
export interface WarningCoarseTold {
  readonly now: Moment
  readonly tracks: readonly ToldTrack[]
  readonly alerts: readonly ToldAlert[]
}

/** Geodetic, WGS84. */
export interface WarningPictureTypesPosition {
  readonly lat_deg: number
  readonly lon_deg: number
  readonly alt_m: number
}

/** A member's land (`territory`) or its 200 nautical mile zone (`zone`, an approximation). */
export interface WarningRecordsArea {
  readonly member: string
  readonly extent: string
}

/**
 * Plots of one sensor that a track is made of: a line of its pedigree.
 *
 * `sensor` is owner and name (`JPN/NORTH`), so that the same plots by two routes are known for the same.
 */
export interface WarningRecordsSource {
  readonly sensor: string
  readonly first_at: Moment
  readonly last_at: Moment
  readonly plots: number
}

/** What is posted at each address of a world. */
export interface Asks {
  readonly '/account/passkeys': NewPasskey
  readonly '/account/passkeys/remove': OldPasskey
  readonly '/account/password': NewPassword
  readonly '/sign-in/link': ByLink
  readonly '/sign-in/passkey': ByPasskey
  readonly '/sign-in/password': ByPassword
  readonly '/sign-out': SigningOut
  readonly 'calendar/make': MakeCalendar
  readonly 'calendar/revoke': RevokeCalendar
  readonly 'consult/act': ActAsk
  readonly 'consult/amend': AmendAsk
  readonly 'consult/answer-information': AnswerInformationAsk
  readonly 'consult/assent': AssentAsk
  readonly 'consult/assess': AssessAsk
  readonly 'consult/close': CloseAsk
  readonly 'consult/convene': InstrumentsConsultCourseConveneAsk
  readonly 'consult/declare-caveat': DeclareCaveatAsk
  readonly 'consult/declare-charter-caveats': DeclareCharterCaveatsAsk
  readonly 'consult/depart': DepartAsk
  readonly 'consult/end-caveat': EndCaveatAsk
  readonly 'consult/extend': ExtendAsk
  readonly 'consult/issue-statement': IssueStatementAsk
  readonly 'consult/object': ObjectAsk
  readonly 'consult/offer-option': OfferOptionAsk
  readonly 'consult/propose-text': ProposeTextAsk
  readonly 'consult/remark': RemarkAsk
  readonly 'consult/request': RequestAsk
  readonly 'consult/request-information': RequestInformationAsk
  readonly 'consult/respond': RespondAsk
  readonly 'consult/shown-text': ShownTextAsk
  readonly 'consult/take-stance': TakeStanceAsk
  readonly 'consult/take-up': TakeUpAsk
  readonly 'cyber/advise': AdviseAsk
  readonly 'cyber/claim-identity': ClaimIdentityAsk
  readonly 'cyber/close-advisory': CloseAdvisoryAsk
  readonly 'cyber/name-bundle': NameBundleAsk
  readonly 'cyber/read-marking': ReadMarkingAsk
  readonly 'cyber/share-objects': ShareObjectsAsk
  readonly 'dialogue/abolish-office': AbolishOfficeAsk
  readonly 'dialogue/cancel-meeting': CancelMeetingAsk
  readonly 'dialogue/commit': CommitAsk
  readonly 'dialogue/convene': ApiAsksConveneAsk
  readonly 'dialogue/declare-charter': DeclareCharterAsk
  readonly 'dialogue/declare-series': DeclareSeriesAsk
  readonly 'dialogue/file-paper': FilePaperAsk
  readonly 'dialogue/hold-office': HoldOfficeAsk
  readonly 'dialogue/move-meeting': MoveMeetingAsk
  readonly 'dialogue/note-held': NoteHeldAsk
  readonly 'dialogue/note-progress': NoteProgressAsk
  readonly 'dialogue/open-office': OpenOfficeAsk
  readonly 'dialogue/review': ReviewAsk
  readonly 'dialogue/set-agenda': SetAgendaAsk
  readonly 'dialogue/sign-dossier': SignDossierAsk
  readonly 'dialogue/take-minutes': TakeMinutesAsk
  readonly 'exercise/announce': AnnounceAsk
  readonly 'exercise/call': CallAsk
  readonly 'exercise/check': CheckAsk
  readonly 'exercise/halt': HaltAsk
  readonly 'exercise/join': JoinAsk
  readonly 'exercise/no-play': NoPlayAsk
  readonly 'exercise/observe': ObserveAsk
  readonly 'exercise/plan': PlanAsk
  readonly 'exercise/propose-action': ProposeActionAsk
  readonly 'exercise/rate': RateAsk
  readonly 'exercise/set-clock': SetClockAsk
  readonly 'exercise/settle': SettleAsk
  readonly 'exercise/skip': SkipAsk
  readonly 'exercise/start': StartAsk
  readonly 'hotline/acknowledge': AcknowledgeAsk
  readonly 'hotline/answer-check': AnswerCheck
  readonly 'hotline/attach': AttachAsk
  readonly 'hotline/judge-readback': JudgeReadbackAsk
  readonly 'hotline/plan-checks': PlanChecks
  readonly 'hotline/put-duty-list': PutDutyListAsk
  readonly 'hotline/review-translation': ReviewTranslationAsk
  readonly 'hotline/send': SendAsk
  readonly 'hotline/shown': ShownAsk
  readonly 'hotline/translate': TranslateAsk
  readonly 'hotline/want-translation': WantTranslationAsk
  readonly 'line/assent-standing': AssentStanding
  readonly 'line/declare-gap': DeclareGap
  readonly 'line/decline-standing': DeclineStanding
  readonly 'line/propose-standing': ProposeStanding
  readonly 'line/retract': RetractAsk
  readonly 'office/approve': ApproveAsk
  readonly 'office/decline': DeclineAsk
  readonly 'office/offer-watch': OfferWatchAsk
  readonly 'office/put-policy': PutPolicyAsk
  readonly 'office/take-over-watch': TakeOverWatchAsk
  readonly 'office/take-watch': TakeWatchAsk
  readonly 'region/amend-incident': AmendIncidentAsk
  readonly 'region/assess-incident': AssessIncidentAsk
  readonly 'region/cancel-notice': CancelNoticeAsk
  readonly 'region/file-report': FileReportAsk
  readonly 'region/grade-report': GradeReportAsk
  readonly 'region/import-past': ImportPastAsk
  readonly 'region/notify-launch': NotifyLaunchAsk
  readonly 'region/report-incident': ReportIncidentAsk
  readonly 'replays/close': ChosenLog
  readonly 'replays/open': ChosenLog
  readonly 'supply/accept-help': AcceptHelpAsk
  readonly 'supply/close-notice': CloseNoticeAsk
  readonly 'supply/file-notice': FileNoticeAsk
  readonly 'supply/notify-measure': NotifyMeasureAsk
  readonly 'supply/offer-help': OfferHelpAsk
  readonly 'supply/put-dataset': PutDatasetAsk
  readonly 'supply/put-rows': PutRowsAsk
  readonly 'supply/put-stock': PutStockAsk
  readonly 'supply/request-help': RequestHelpAsk
  readonly 'supply/say-met': SayMetAsk
  readonly 'supply/share-dependence': ShareDependenceAsk
  readonly 'warning/acknowledge-alert': AcknowledgeAlertAsk
  readonly 'warning/cancel-alert': CancelAlertAsk
  readonly 'warning/cancel-public-alert': CancelPublicAlertAsk
  readonly 'warning/issue-public-alert': ApiAsksIssuePublicAlertAsk
  readonly 'warning/register-sensor': RegisterSensorAsk
  readonly 'warning/release-tracks': ReleaseTracksAsk
  readonly 'warning/report-scan': ReportScanAsk
}

/** What each address of a world answers to a look. */
export interface Answers {
  readonly '/sign-in/session': SignedIn
  readonly '/taxii2': string
  readonly about: About
  readonly audit: AuditPage
  readonly 'audit/check': ChainChecked
  readonly 'audit/hours': AuditHours
  readonly 'audit/record/{record}': RecordStory
  readonly 'audit/stand': AuditStand
  readonly calendar: CalendarList
  readonly 'consult/caveats': Caveats
  readonly 'consult/consultation': Consultation
  readonly 'consult/consultations': Consultations
  readonly 'consult/draft': ProposeTextAsk
  readonly 'consult/information': InformationRequests
  readonly 'consult/ready': RequestAsk
  readonly 'cyber/advisories': Advisories
  readonly 'cyber/bundles': Bundles
  readonly 'cyber/collection': Page
  readonly 'cyber/collections': Collections
  readonly 'cyber/events': Events
  readonly 'cyber/findings': CyberShownFindings
  readonly 'cyber/identities': Identities
  readonly 'cyber/indicators': Indicators
  readonly 'cyber/markings': Readings
  readonly 'cyber/object': ObjectCourse
  readonly 'cyber/objects': Objects
  readonly 'dialogue/calendar': CalendarFacts
  readonly 'dialogue/commitment': WholeCommitment
  readonly 'dialogue/commitments': Commitments
  readonly 'dialogue/dossier': DossierAnswer
  readonly 'dialogue/meeting': WholeMeeting
  readonly 'dialogue/meetings': Meetings
  readonly 'dialogue/offices': Offices
  readonly 'dialogue/ready-agenda': AgendaDraft
  readonly 'dialogue/ready-meeting': InstrumentsDialogueMeetingsConveneAsk
  readonly 'dialogue/series': SeriesList
  readonly docket: readonly Item[]
  readonly 'exercise/archives': readonly ArchiveRow[]
  readonly 'exercise/areas': Areas
  readonly 'exercise/clock': Clock
  readonly 'exercise/exercises': Exercises
  readonly 'exercise/hot-wash': HotWash
  readonly 'exercise/msel': Msel
  readonly 'exercise/plan-here': PlanHere
  readonly 'exercise/planned': PlanSaid
  readonly 'hotline/attachment': HeldFiles
  readonly 'hotline/board': Board
  readonly 'hotline/conversation': Conversation
  readonly 'hotline/duty': DutyList
  readonly 'hotline/lines': Lines
  readonly 'hotline/opening': Opening
  readonly 'line/gaps': Gaps
  readonly 'line/keys': Keys
  readonly 'line/links': LinkHistory
  readonly 'line/receipts': Receipts
  readonly 'line/retractions': Retractions
  readonly 'line/standings': Changes
  readonly 'line/trouble': InstrumentsLineTroubleTrouble
  readonly 'office/anchors': Anchors
  readonly 'office/policies': PutPolicies
  readonly 'office/proposals': Proposals
  readonly 'office/watch': Watch
  readonly 'region/incident': IncidentWhole
  readonly 'region/incidents': Incidents
  readonly 'region/notices': RegionBoardTypesNotices
  readonly 'region/report': ReportWhole
  readonly 'region/reports': Reports
  readonly 'region/years': Years
  readonly replays: Shelf
  readonly resumption: Resumption
  readonly search: readonly Found[]
  readonly stream: ClockMessage | LinksMessage | SessionMessage | HaltedMessage | ReplayMessage | TroubleMessage | StandingsMessage | RetractionsMessage | PictureMessage | PublicAlertsMessage | ToldMessage | BoardMessage | LinesMessage | DutyMessage | InformationMessage | ConsultationsMessage | ProposalsMessage | WatchMessage
  readonly 'supply/concentration': Concentration
  readonly 'supply/datasets': Datasets
  readonly 'supply/dependence': DependenceNow
  readonly 'supply/findings': SupplyAnswersFindings
  readonly 'supply/graph': Graph
  readonly 'supply/help': Help
  readonly 'supply/input': InputWhole
  readonly 'supply/inputs': Inputs
  readonly 'supply/measures': Measures
  readonly 'supply/notices': SupplyToldTypesNotices
  readonly 'supply/shared': InstrumentsSupplyAnswersShared
  readonly 'supply/stocks': Stocks
  readonly 'supply/to-share': ToShare
  readonly 'supply/what-if': WhatIf
  readonly taxii2: string
  readonly 'taxii2/collections': string
  readonly 'taxii2/collections/{collection}': string
  readonly 'taxii2/collections/{collection}/manifest': string
  readonly 'taxii2/collections/{collection}/objects': string
  readonly 'taxii2/collections/{collection}/objects/{object_id}': string
  readonly 'taxii2/collections/{collection}/objects/{object_id}/versions': string
  readonly 'taxii2/status/{status}': string
  readonly 'warning/alerts': Alerts
  readonly 'warning/picture': Picture
  readonly 'warning/public-alerts': PublicAlerts
  readonly 'warning/sensors': Sensors
  readonly 'warning/told': WarningCoarseTold
  readonly 'warning/track': TrackHistory
  readonly 'warning/tracks': MemberTracks
}
