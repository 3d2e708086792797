/**
 * What a rule of the linter is. Rules are data: each says which requirement it rests on, what was expected and how
 * to mend it, and has a pure check over one kind of moment (`moments.ts`). All state is kept by the tracker.
 */
import { agentTopic } from '../usp/oktopus.ts'
import type { Moments } from './moments.ts'

export type Severity = 'error' | 'warning' | 'note'
/** Mildest first: `severityRank` compares. */
export const SEVERITIES = ['note', 'warning', 'error'] as const satisfies readonly Severity[]
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity) + 1

/** Level of the requirement; `none`: no numbered requirement, yet the bench has a reason to speak. */
export type Level = 'must' | 'should' | 'may' | 'none'
export type Side = 'agent' | 'controller' | 'endpoint' | 'broker'
export type UspVersion = '1.0' | '1.1' | '1.2' | '1.3' | '1.4' | '1.5'

/** Certainty, best first: one packet is proof; packets taken together are; time is involved; a hint. */
export type Group = 1 | 2 | 3 | 4

export interface RuleFacts {
  /** Stable name, e.g. `content-type`. */
  readonly id: string
  readonly title: string
  /** Labels of the specifications, e.g. `R-MQTT.27`. */
  readonly requirements: readonly string[]
  readonly level: Level
  readonly severity: Severity
  readonly side: Side
  /** First and last version of TR-369 whose text has it so; a Record of another version is not judged. */
  readonly since?: UspVersion
  readonly until?: UspVersion
  /** One sentence. */
  readonly expected: string
  /** What to do on an OB-USP-A, where that is known. */
  readonly remedy?: Remedy
}

/** Words, a line to type, or both; words with a line are no whole sentence. */
export interface Remedy {
  readonly text?: string
  /** `<agent topic>` stands for the topic that the endpoint listens on. */
  readonly command?: string
}

/** In one line; the command names the endpoint's own topic where the endpoint is known. */
export const remedyText = ({ text, command }: Remedy, endpoint?: string): string =>
  [text, command && remedyCommand(command, endpoint)].filter(Boolean).join(': ')

export const remedyCommand = (command: string, endpoint = ''): string =>
  endpoint.includes('::') ? command.replace('<agent topic>', agentTopic(endpoint)) : command

/** One thing seen: a phrase, and other packets it rests on. `no` moves the finding to another packet. */
export interface Sight {
  readonly seen: string
  readonly no?: number
  readonly related?: readonly number[]
}

/** Nothing, one phrase, or several sights. */
export type Answer = undefined | string | Sight | readonly (string | Sight)[]

export type RuleOn<M extends keyof Moments> = RuleFacts & {
  readonly on: M
  readonly check: (moment: Moments[M]) => Answer
}
export type Rule = { [M in keyof Moments]: RuleOn<M> }[keyof Moments]

/** A table of rules that look at the same kind of moment. */
export const rulesOn = <M extends keyof Moments>(
  on: M,
  group: Group,
  rules: readonly (RuleFacts & { readonly check: (moment: Moments[M]) => Answer })[],
): readonly GroupedRule[] => rules.map((rule) => ({ ...rule, on, group }) as unknown as GroupedRule)

export type GroupedRule = Rule & { readonly group: Group }

/** A rule was broken, at a packet. */
export interface Finding {
  readonly rule: string
  readonly severity: Severity
  /** Row of the packet; 0 where none can be named. */
  readonly no: number
  readonly related: readonly number[]
  /** Endpoint ID where it is known, else user name, client ID or address. */
  readonly endpoint: string
  /** Nanoseconds, as the packets had them. */
  readonly time: number
  readonly seen: string
}

const minor = (version: string): number => Number(version.slice('1.'.length))
const isSpoken = /^1\.\d{1,3}$/

/** Whether a rule holds for a Record of this version; one that cannot be read is taken as the newest. */
export function holdsFor({ since, until }: RuleFacts, version: string): boolean {
  if ((since === undefined && until === undefined) || !isSpoken.test(version)) return true
  const spoken = minor(version)
  return (since === undefined || spoken >= minor(since)) && (until === undefined || spoken <= minor(until))
}
