/** What the configuration of a device says of its connection (TR-181, Device.MQTT.Client. and LocalAgent.MTP.). Pure. */
import type { DataModel, Place } from './data-model.ts'
import { clientPlace, configuredTopics } from './topics.ts'

/** Waits between attempts to connect. */
export interface Retry {
  /** ConnectRetryTime. */
  readonly seconds: number
  /** ConnectRetryIntervalMultiplier: 2000 doubles the wait. */
  readonly multiplier: number
  /** ConnectRetryMaxInterval, seconds. */
  readonly most: number
}

export interface ConnectionSettings {
  readonly retry: Retry
  /** Seconds; 0 is none. */
  readonly keepAlive: number
  /** Where answers are wanted when the broker says nothing of it; empty for nowhere. */
  readonly responseTopic: string
  /** Topics are configured beside that one. */
  readonly hasTopics: boolean
}

/** Defaults of TR-181. */
export const usualRetry: Retry = { seconds: 5, multiplier: 2000, most: 30_720 }
export const usualSettings = (responseTopic: string): ConnectionSettings => ({
  retry: usualRetry,
  keepAlive: 60,
  responseTopic,
  hasTopics: false,
})

/** OB-USP-A takes less for this. */
const LEAST_KEEP_ALIVE = 5
/** What CONNECT has room for. */
const MOST_KEEP_ALIVE = 65_535

/** `usual`: what a model that does not have the objects is taken to say. */
export function connectionSettings(model: DataModel, usual: ConnectionSettings): ConnectionSettings {
  const client = clientPlace(model)
  const number = (name: string): number | undefined => {
    const text = client ? model.text(client, name) : ''
    return text === '' ? undefined : Number(text)
  }
  const { retry } = usual
  const keepAlive = number('KeepAliveTime') ?? usual.keepAlive
  return {
    retry: {
      seconds: number('ConnectRetryTime') || retry.seconds,
      multiplier: number('ConnectRetryIntervalMultiplier') || retry.multiplier,
      most: number('ConnectRetryMaxInterval') || retry.most,
    },
    keepAlive: keepAlive === 0 ? 0 : Math.min(Math.max(keepAlive, LEAST_KEEP_ALIVE), MOST_KEEP_ALIVE),
    responseTopic: responseTopic(model) ?? usual.responseTopic,
    hasTopics: configuredTopics(model).size > 0,
  }
}

/** ResponseTopicConfigured of the MTP that is MQTT; undefined where the model has none. */
function responseTopic(model: DataModel): string | undefined {
  const type = model.schema.root.children.get('LocalAgent')?.children.get('MTP')
  const mqtt = type?.children.get('MQTT')
  if (!type || !mqtt?.parameters.has('ResponseTopicConfigured')) return undefined
  const rows = model.below({ type, path: 'Device.LocalAgent.MTP.', isTable: true })
  const row = rows.find((one) => model.isTrue(one, 'Enable') && model.text(one, 'Protocol') === 'MQTT')
  const place: Place | undefined = row && { type: mqtt, path: `${row.path}MQTT.`, isTable: false }
  return place && model.text(place, 'ResponseTopicConfigured')
}

/** An assigned client ID is kept where none is configured (R-MQTT.9). */
export function keepClientId(model: DataModel, assigned: string | undefined): void {
  const client = clientPlace(model)
  if (assigned !== undefined && client && model.text(client, 'ClientID') === '')
    model.put(client, 'ClientID', assigned)
}
