/** The settings of a workspace that are the broker's. */
import type { Settings } from '../workspace/settings.ts'
import type { BrokerOptions } from './broker.ts'

const KIB = 1024

export const brokerSettings = (
  settings: Settings,
): Pick<BrokerOptions, 'limits' | 'oktopus' | 'redirect' | 'connectTimeoutMs'> => ({
  limits: {
    maxPacketBytes: settings['broker.maxPacketKiB'] * KIB,
    clientBudgetBytes: settings['broker.clientBudgetKiB'] * KIB,
    topicAliasMaximum: settings['broker.topicAliasMaximum'],
    inflight: settings['broker.inflight'],
    subscriptions: settings['broker.maxSubscriptions'],
    retained: {
      messages: settings['broker.maxRetained'],
      bytes: settings['broker.retainedKiB'] * KIB,
    },
    sessions: {
      messages: settings['broker.maxQueued'],
      bytes: settings['broker.queuedKiB'] * KIB,
      allBytes: settings['broker.allQueuedMiB'] * KIB * KIB,
      away: settings['broker.maxAway'],
    },
    connections: settings['broker.maxConnections'],
    connectsPerSecond: settings['broker.connectsPerSecond'],
  },
  oktopus: {
    subscribeTopic: settings['oktopus.subscribeTopic'],
    responseInformation: settings['oktopus.responseInformation'],
    status: settings['oktopus.status'],
  },
  redirect: {
    reference: settings['broker.serverReference'],
    moved: settings['broker.serverMoved'],
  },
  connectTimeoutMs: settings['broker.connectTimeoutSeconds'] * 1000,
})
