/** From a profile to the CONNECT that it says. Pure. */
import type { ClientProfile, SecretName, SubscriptionDraft } from '../contract/mqtt-client.ts'
import type { ConnectPacket, Property, Properties, Subscription, Will } from '../mqtt/packets.ts'
import { propertyByName } from '../mqtt/properties.ts'
import { isTopicFilter } from '../mqtt/topics.ts'
import { textBytes } from '../mqtt/utf8.ts'
import { at, DraftFault } from './draft-fault.ts'
import { bytesOf, readProperties } from './property-draft.ts'
import { readPublish } from './publish-draft.ts'

export type Secrets = Readonly<Partial<Record<SecretName, string>>>

/** Throws a DraftFault that names the field. `password` is absent where there is none. */
export function connectOf(
  profile: ClientProfile,
  { password, authenticationData }: Secrets,
  newId: () => string,
): ConnectPacket {
  const { level, clientId, username, clean, keepAlive, will } = profile
  const properties = level === 5 ? readProperties(profile.properties) : []
  return {
    type: 'CONNECT',
    level,
    clean,
    keepAlive,
    clientId,
    ...(username !== '' && { username }),
    ...(password !== undefined && password !== '' && { password: textBytes(password) }),
    ...(will && { will: willOf(will, level, newId) }),
    properties: withData(properties, authenticationData, profile.authenticationHex === true),
  }
}

function willOf(draft: NonNullable<ClientProfile['will']>, level: number, newId: () => string): Will {
  const asked = level === 5 ? draft : { ...draft, properties: [] }
  return at('will', () => readPublish(asked, {}, { n: 1, time: 0, newId, random: 0 }))
}

/** Authentication Data goes behind the method, which a profile without it does not have. */
function withData(properties: Properties, data: string | undefined, isHex: boolean): Properties {
  const method = properties.findIndex(({ name }) => name === 'authenticationMethod')
  if (data === undefined || method < 0) return properties
  const property: Property = {
    name: 'authenticationData',
    value: at('authenticationData', () => bytesOf(data, isHex)),
  }
  return properties.toSpliced(method + 1, 0, property)
}

/** A subscription and the properties of its SUBSCRIBE. What 3.1.1 does not have is left out there. */
export function subscriptionOf(
  draft: SubscriptionDraft,
  level: number,
): { readonly subscription: Subscription; readonly properties: Properties } {
  const { filter, qos } = draft
  const validity = isTopicFilter(filter)
  if (!validity.valid) throw new DraftFault('filter', `The topic filter ${validity.reason}.`)
  if (level < 5) {
    const plain = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    return { subscription: { filter, qos, ...plain }, properties: [] }
  }
  const { noLocal, retainAsPublished, retainHandling } = draft
  return {
    subscription: { filter, qos, noLocal, retainAsPublished, retainHandling },
    properties: readProperties(draft.properties),
  }
}

/** Properties that a person may not write into a profile, because they are kept apart. */
export const isSecretProperty = (name: string): boolean => propertyByName(name)?.secret === true
