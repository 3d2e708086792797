/** What is different from agent to agent in one shared data model: placeholders, filled when a value is read. */

export interface Facts {
  readonly endpoint: string
  readonly serial: string
  readonly oui: string
  /** MQTT user name. */
  readonly user: string
  readonly broker: string
  readonly port: string
  readonly transport: string
  readonly mqttVersion: string
  readonly agentTopic: string
  readonly controller: string
  readonly controllerTopic: string
  /** Version of the bench that runs the simulator. */
  readonly version: string
  /** Seconds since the agent booted. */
  readonly uptime: string
  /** ISO 8601, UTC. */
  readonly now: string
  /** As CONNACK gave it, or as configured. */
  readonly clientId: string
  readonly status: string
  readonly responseInformation: string
}

export const FACT_NAMES: readonly (keyof Facts)[] = [
  'endpoint',
  'serial',
  'oui',
  'user',
  'broker',
  'port',
  'transport',
  'mqttVersion',
  'agentTopic',
  'controller',
  'controllerTopic',
  'version',
  'uptime',
  'now',
  'clientId',
  'status',
  'responseInformation',
]

export const PLACEHOLDER = new RegExp(`<(?:${FACT_NAMES.join('|')})>`)
const everyPlaceholder = new RegExp(PLACEHOLDER.source, 'g')

/** Fills placeholders; a `<word>` that is none is left as it stands. */
export function fill(text: string, fact: (name: keyof Facts) => string): string {
  if (!text.includes('<')) return text
  return text.replace(everyPlaceholder, (found) => fact(found.slice(1, -1) as keyof Facts))
}
