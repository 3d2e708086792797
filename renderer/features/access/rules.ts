/** Making rules and checking the one under edit. Pure. */
import {
  ACL_LIMITS,
  QOS_LEVELS,
  qosMask,
  type AclRule,
  type Qos,
  type QosCondition,
} from '../../../shared/acl/model.ts'
import { checkAcl, formatAcl } from '../../../shared/acl/parse.ts'

type Rules = readonly AclRule[]

/** `wanted`, or with a number behind it when a rule is called so already. */
export function freeId(wanted: string, rules: Rules): string {
  const taken = new Set(rules.map(({ id }) => id))
  const stem = wanted.slice(0, ACL_LIMITS.id - 6)
  if (!taken.has(stem)) return stem
  for (let number = 2; ; number++) if (!taken.has(`${stem}-${number}`)) return `${stem}-${number}`
}

/** Denies, so that a rule put in place before it is finished opens nothing. */
export const newRule = (rules: Rules): AclRule => ({
  id: freeId('rule', rules),
  name: 'New rule',
  effect: 'deny',
  action: 'both',
  topic: 'oktopus/usp/v1/agent/${endpoint}',
  who: {},
  enabled: true,
})

export const copyOf = (rule: AclRule, rules: Rules): AclRule => ({
  ...rule,
  id: freeId(rule.id, rules),
  name: `${rule.name} (copy)`.slice(0, ACL_LIMITS.name),
})

/** Rules of another list, with IDs that are free in `rules`. */
export function withFreeIds(added: Rules, rules: Rules): Rules {
  const all = [...rules]
  for (const rule of added) all.push({ ...rule, id: freeId(rule.id, all) })
  return all.slice(rules.length)
}

/** The list as the contract takes it. */
export const listValue = (version: number, rules: Rules): unknown =>
  JSON.parse(formatAcl({ version, rules })) as unknown

export interface Fault {
  /** `topic`, `who.network`, `qos.only`. */
  readonly field: string
  /** A sentence without the name of the field. */
  readonly text: string
}

const known = new WeakMap<AclRule, readonly Fault[]>()

/** What is wrong with a rule; empty when it can be saved. */
export function faultsOf(rule: AclRule): readonly Fault[] {
  const found = known.get(rule) ?? check(rule)
  known.set(rule, found)
  return found
}

function check(rule: AclRule): readonly Fault[] {
  const result = checkAcl(listValue(0, [rule]))
  if (result.ok) return []
  return result.errors.map(({ field, text }) => {
    const said = text.slice(`Rule 1 (${rule.id}): `.length)
    return { field, text: field && said.startsWith(field) ? `This${said.slice(field.length)}` : said }
  })
}

/** The rules as they can be judged: those with faults are switched off and emptied, at their places. */
export const judgeable = (rules: Rules): Rules =>
  rules.every((rule) => faultsOf(rule).length === 0)
    ? rules
    : rules.map((rule) =>
        faultsOf(rule).length === 0
          ? rule
          : {
              id: rule.id,
              name: rule.name,
              effect: 'deny',
              action: 'both',
              topic: '#',
              who: {},
              enabled: false,
            },
      )

/** The fault of a field, or of one below it. */
export const faultAt = (faults: readonly Fault[], field: string): string | undefined =>
  faults.find((fault) => fault.field === field || fault.field.startsWith(`${field}.`))?.text

/** The condition that admits exactly these levels: none when it is all of them. */
export function qosCondition(levels: readonly Qos[]): QosCondition | undefined {
  const only = QOS_LEVELS.filter((level) => levels.includes(level))
  if (only.length === QOS_LEVELS.length) return undefined
  const highest = only.at(-1)
  if (highest !== undefined && only.length === highest + 1) return { max: highest }
  return { only }
}

export const levelsOf = (condition: QosCondition | undefined): readonly Qos[] =>
  QOS_LEVELS.filter((level) => (qosMask(condition) & (1 << level)) !== 0)

/** The rule with a field set, or taken out with `undefined`. */
export function withField<F extends keyof AclRule>(
  rule: AclRule,
  field: F,
  value: AclRule[F] | undefined,
): AclRule {
  const { [field]: _, ...rest } = rule
  const next = (value === undefined ? rest : { ...rule, [field]: value }) as AclRule
  if (next.action !== 'subscribe' || next.retain === undefined) return next
  // A subscription is not asked for RETAIN, and the list would be refused.
  const { retain: __, ...without } = next
  return without
}
