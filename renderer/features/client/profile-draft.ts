/** Profiles and subscriptions as they are edited. Pure. */
import { ruleColours, type RuleColour } from '../../../shared/contract/look.ts'
import type { ClientProfile, KeptProfile, SubscriptionDraft } from '../../../shared/contract/mqtt-client.ts'

export const defaultPorts = { tcp: 1883, tls: 8883, ws: 8083, wss: 8084 } as const
export type ClientTransport = keyof typeof defaultPorts

export const transportNames: Readonly<Record<ClientTransport, string>> = {
  tcp: 'TCP',
  tls: 'TLS',
  ws: 'WebSocket',
  wss: 'Secure WebSocket',
}

/** A connection to another broker, with nothing in it that would have to be taken out. `id` is new. */
export const newProfile = (id: string): ClientProfile => ({
  id,
  name: '',
  target: { kind: 'broker', transport: 'tcp', host: '', port: defaultPorts.tcp, path: '/mqtt' },
  tls: { authority: { kind: 'system' }, certificate: { kind: 'none' }, verify: true, serverName: '' },
  level: 5,
  clientId: '',
  username: '',
  clean: true,
  keepAlive: 60,
  reconnect: 2,
  properties: [],
  subscriptions: [],
})

/** What is sent to keep it: without the list of its secrets. */
export function profileOf(kept: KeptProfile): ClientProfile {
  const { secrets: _secrets, ...profile } = kept
  return profile
}

/** The one that this client speaks. */
export const SCRAM = 'SCRAM-SHA-256'

/** Authentication Method of its CONNECT. */
export const methodOf = ({ properties }: ClientProfile): string | undefined =>
  properties.find(({ name }) => name === 'authenticationMethod')?.value

export const usesTls = ({ target }: ClientProfile): boolean =>
  target.transport === 'tls' || target.transport === 'wss'

/** Another transport; a port that was the usual one of the former becomes the usual one of this. */
export function withTransport(profile: ClientProfile, transport: ClientTransport): ClientProfile {
  const { target } = profile
  if (target.kind === 'bench') return { ...profile, target: { ...target, transport } }
  const port = target.port === defaultPorts[target.transport] ? defaultPorts[transport] : target.port
  return { ...profile, target: { ...target, transport, port } }
}

/** Moves between this bench and another broker. */
export function withTarget(profile: ClientProfile, kind: 'bench' | 'broker'): ClientProfile {
  const { transport } = profile.target
  if (kind === 'bench')
    return { ...profile, target: { kind, transport }, tls: { ...profile.tls, authority: { kind: 'lab' } } }
  const target = { kind, transport, host: '', port: defaultPorts[transport], path: '/mqtt' }
  return { ...profile, target }
}

/** Where it goes to, short. */
export function targetText({ target }: ClientProfile): string {
  if (target.kind === 'bench') return `this bench, ${transportNames[target.transport]}`
  return `${target.host || '…'}:${target.port}, ${transportNames[target.transport]}`
}

/** The colour that the fewest subscriptions have. */
export function nextColour(subscriptions: readonly SubscriptionDraft[]): RuleColour {
  // Grey is for what a person wants to see less of.
  const colours = ['blue', 'green', 'amber', 'purple', 'red'] as const satisfies readonly RuleColour[]
  const used = (colour: RuleColour) => subscriptions.filter((one) => one.colour === colour).length
  return colours.reduce((best, colour) => (used(colour) < used(best) ? colour : best))
}

export const newSubscription = (filter: string, colour: RuleColour): SubscriptionDraft => ({
  filter,
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
  properties: [],
  colour,
})

export const subscriptionColours = ruleColours

/** Options that are not the usual ones, in words. */
export function optionsText({
  qos,
  noLocal,
  retainAsPublished,
  retainHandling,
  properties,
}: SubscriptionDraft): string {
  const handling = ['', 'retained if new', 'no retained'][retainHandling] ?? ''
  return [
    `QoS ${qos}`,
    noLocal && 'no local',
    retainAsPublished && 'retain as published',
    handling,
    properties.length > 0 && `${properties.length} ${properties.length === 1 ? 'property' : 'properties'}`,
  ]
    .filter(Boolean)
    .join(', ')
}
