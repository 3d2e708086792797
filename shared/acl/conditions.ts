/**
 * The conditions of a rule that do not change while a client is connected: who it is. Prepared once a list,
 * judged once a session.
 */
import type { AclRule, ListenerCondition, NoUsername, Subject, TextPattern, Who } from './model.ts'
import { networkHolds, parseAddress, parseNetwork } from './network.ts'
import { patternText, preparePattern, type Judgement } from './pattern.ts'

export type WhoField = keyof Who

/** A condition that does not hold, or of which it cannot be told whether it does (`unknown`). */
export interface Miss<F extends string = WhoField> {
  readonly condition: F
  readonly known: boolean
  /** Made when asked for: sessions count misses, only explanations read them. */
  readonly text: () => string
}

export interface PreparedCondition {
  readonly field: WhoField
  readonly judge: (who: Subject) => Judgement
  readonly text: (who: Subject) => string
}

export function prepareWho({ who }: AclRule): readonly PreparedCondition[] {
  const conditions: PreparedCondition[] = []
  if (who.username) conditions.push(usernameCondition(who.username))
  if (who.clientId) conditions.push(textCondition('clientId', 'client ID', who.clientId, (of) => of.clientId))
  if (who.endpointId)
    conditions.push(textCondition('endpointId', 'endpoint ID', who.endpointId, (of) => of.endpointId))
  if (who.network !== undefined) conditions.push(networkCondition(who.network))
  if (who.listener) conditions.push(listenerCondition(who.listener))
  return conditions
}

/** The conditions that do not surely hold. */
export function missesOf(conditions: readonly PreparedCondition[], who: Subject): Miss[] {
  const misses: Miss[] = []
  for (const { field, judge, text } of conditions) {
    const judgement = judge(who)
    if (judgement !== 'yes')
      misses.push({ condition: field, known: judgement === 'no', text: () => text(who) })
  }
  return misses
}

function usernameCondition(pattern: TextPattern | NoUsername): PreparedCondition {
  if (!('none' in pattern)) return textCondition('username', 'user name', pattern, (who) => who.username)
  return {
    field: 'username',
    judge: ({ username }) => (username === undefined ? 'yes' : 'no'),
    text: ({ username }) => `it is for clients without a user name, and this one is ${shown(username)}`,
  }
}

function textCondition(
  field: WhoField,
  label: string,
  pattern: TextPattern,
  valueOf: (who: Subject) => string | undefined,
): PreparedCondition {
  const test = preparePattern(pattern)
  return {
    field,
    judge(who) {
      const value = valueOf(who)
      return value === undefined ? 'no' : test(value)
    },
    text: (who) => `it wants the ${label} ${patternText(pattern)}, and this one is ${shown(valueOf(who))}`,
  }
}

function networkCondition(text: string): PreparedCondition {
  const network = parseNetwork(text)
  return {
    field: 'network',
    judge(who) {
      const address = who.address === undefined ? undefined : parseAddress(who.address)
      if (network === undefined || address === undefined) return 'unknown'
      return networkHolds(network, address) ? 'yes' : 'no'
    },
    text: ({ address }) => `it wants an address in ${text}, and this one is ${address ?? 'not known'}`,
  }
}

function listenerCondition(wanted: ListenerCondition): PreparedCondition {
  return {
    field: 'listener',
    judge({ listener }) {
      if (listener === undefined) return 'unknown'
      const { transport = listener.transport, port = listener.port } = wanted
      return transport === listener.transport && port === listener.port ? 'yes' : 'no'
    },
    text: ({ listener }) =>
      `it wants the listener ${listenerText(wanted)}, and this one is ${listener ? listenerText(listener) : 'not known'}`,
  }
}

export const listenerText = ({ transport, port }: ListenerCondition): string =>
  [transport, port].filter((part) => part !== undefined).join(' ')

/** A value from outside, short enough for a sentence. */
const shown = (value: string | undefined): string =>
  value === undefined
    ? 'not given'
    : value.length <= 100
      ? JSON.stringify(value)
      : `${JSON.stringify(value.slice(0, 100))} and ${value.length - 100} characters more`
