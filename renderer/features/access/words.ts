/** Rules, users and refusals in words. Pure. */
import type { AclFinding } from '../../../shared/acl/analysis.ts'
import { listenerText } from '../../../shared/acl/conditions.ts'
import type { AclRule, NoUsername, TextPattern, Who } from '../../../shared/acl/model.ts'
import type { AclVersion, DenialInfo, UserInfo } from '../../../shared/contract/access.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import { count, plural } from '../../ui/format.ts'
import { levelsOf } from './rules.ts'

const patternWords = (pattern: TextPattern | NoUsername): string => {
  if ('none' in pattern) return 'none'
  if ('exact' in pattern) return pattern.exact === '' ? '"" (empty)' : pattern.exact
  return 'wildcard' in pattern ? `like ${pattern.wildcard}` : `matching /${pattern.regex}/`
}

/** `user oktopusController`, `endpoint like os::*, in 10.0.0.0/8`; `everybody` without a condition. */
export function whoWords({ username, clientId, endpointId, network, listener }: Who): string {
  const parts = [
    username && ('none' in username ? 'no user name' : `user ${patternWords(username)}`),
    clientId && `client ${patternWords(clientId)}`,
    endpointId && `endpoint ${patternWords(endpointId)}`,
    network !== undefined && `in ${network}`,
    listener && `over ${listenerText(listener)}`,
  ]
  return parts.filter(Boolean).join(', ') || 'everybody'
}

const actionWords = { publish: 'publish', subscribe: 'subscribe', both: 'both' } as const

/** `publish, QoS 0 1, retained`. */
export function mayWords({ action, qos, retain }: AclRule): string {
  const parts = [
    actionWords[action],
    qos && `QoS ${levelsOf(qos).join(' ')}`,
    retain !== undefined && (retain ? 'retained' : 'not retained'),
  ]
  return parts.filter(Boolean).join(', ')
}

/** What stands in the list for a finding. */
export const findingWords: Readonly<Record<AclFinding['kind'], string>> = {
  duplicate: 'duplicate',
  shadowed: 'shadowed',
  never: 'never',
  redundant: 'no effect',
}

export const sourceWords: Readonly<Record<UserInfo['source'], string>> = {
  nats: 'in NATS and here',
  here: 'in this workspace only',
  awaiting: 'imported: needs a new password',
}

const denied: Readonly<Record<DenialInfo['action'], string>> = {
  connect: 'connect',
  publish: 'publish',
  subscribe: 'subscribe',
  deliver: 'receive',
}
export const denialWords = ({ action }: DenialInfo): string => denied[action]

/** `0x87`. */
export const codeWords = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`

/** `user os::1 · client none · MQTT 5.0`: what a refused device showed. */
export function presentedWords({ who, cause, presented }: DenialInfo): string {
  if (cause === 'tls') return 'nothing but a TLS handshake'
  const { username, clientId, endpointId } = who
  const client = presented?.assigned === true ? '' : clientId
  const parts = [
    `user ${username === undefined ? 'none' : username || '"" (empty)'}`,
    `client ${client || 'none'}`,
    endpointId !== (username || clientId) && `endpoint ID ${endpointId}`,
    presented?.version,
    presented?.certificate !== undefined && `certificate ${presented.certificate}`,
  ]
  return parts.filter(Boolean).join(' · ')
}

/** Of a message that was dropped without a word; nothing where the device was told. */
export function untoldWords({ action, untold }: DenialInfo): string | undefined {
  if (untold !== true) return undefined
  return action === 'deliver'
    ? 'Neither side was told: MQTT has no word for a message that is not handed over'
    : 'The device was not told: QoS 0 and MQTT 3 have no answer that says so'
}

/** `published by oktopusController`, of a message that was not handed over. */
export const publisherWords = ({ publisher }: DenialInfo): string | undefined =>
  publisher === undefined ? undefined : `published by ${publisher}`

/** Why there is no click that would allow it, and what to do instead. */
export const LIMIT_ADVICE = 'It is welcome as such: raise that limit under Settings, or see why so many come.'

/** What admitting would change besides letting in; nothing for a user that is new. */
export function admitWarning({ who, cause, admit }: DenialInfo): string | undefined {
  if (admit === undefined || cause !== 'wrong-password') return undefined
  return `“Admit” changes the password of ${who.username} to the one that came: who has the old one is locked out.`
}

/** What to do about a knock that cannot be admitted with one click; nothing where its text says it. */
export function knockAdvice({ who, cause }: DenialInfo): string | undefined {
  if (cause === 'tls') return undefined
  if (cause === 'limit') return LIMIT_ADVICE
  if (cause === 'certificate')
    return 'Give the device the certificate of the endpoint ID that it states, or make that one under Certificates.'
  if (who.username === undefined)
    return 'It gave no user name: enter a user name and a password in the device, and let it try again.'
  if (who.username === controllerUser)
    return 'This user may do everything, so it is not admitted with a click: if the client is yours, set its password under Users.'
  return 'What it presented is no longer kept: let the device try again, or set its password under Users.'
}

/** `version 4, by lab-3, 13 rules`. */
export const versionWords = ({ version, rules }: AclVersion): string =>
  `version ${count(version)}, ${plural(rules, 'rule')}`
