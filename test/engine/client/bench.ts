/** MQTT clients of a real engine, driven by the commands of the contract. */
import { expect } from 'vitest'
import { thisBench } from '../../../electron/engine/client/profiles.ts'
import type { SettingsOverrides } from '../../../electron/engine/types.ts'
import type { Request } from '../../../shared/contract/contract.ts'
import type {
  ClientConnection,
  ClientPacketRow,
  ClientProfile,
  PublishDraft,
  SecretChanges,
  SubscriptionDraft,
} from '../../../shared/contract/mqtt-client.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'

export const publishDraft = (
  topic: string,
  text: string,
  more: Partial<PublishDraft> = {},
): PublishDraft => ({
  topic,
  payload: { form: 'text', text },
  qos: 0,
  retain: false,
  properties: [],
  ...more,
})

export const subscriptionDraft = (
  filter: string,
  more: Partial<SubscriptionDraft> = {},
): SubscriptionDraft => ({
  filter,
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
  properties: [],
  colour: 'blue',
  ...more,
})

export interface ClientBench extends TestEngine {
  /** Saves a profile, as `thisBench` unless said otherwise, connects it and waits until that is done or has failed. */
  connect(id: string, more?: Partial<ClientProfile>, secrets?: SecretChanges): Promise<ClientConnection>
  connection(id: string): ClientConnection | undefined
  publish(
    id: string,
    publish: PublishDraft,
    more?: Partial<Request<'client.publish'>>,
  ): Promise<number | undefined>
  /** Packets of a client that match. */
  log(client: string, filter?: string): Promise<readonly ClientPacketRow[]>
}

export async function clientBench(
  overrides: SettingsOverrides = {},
  workspace?: string,
): Promise<ClientBench> {
  const bench = await testEngine(overrides, workspace)
  const { handlers, views, current } = bench.engine
  const connection = (id: string) => current('clients').connections.find((one) => one.id === id)
  return {
    ...bench,
    connection,
    async connect(id, more = {}, secrets = {}) {
      await handlers['client.save']({
        profile: { ...thisBench, id, name: id, clientId: id, ...more },
        secrets,
      })
      await handlers['client.connect']({ id })
      await expect.poll(() => connection(id)?.phase, { interval: 5 }).not.toBe('connecting')
      return connection(id) as ClientConnection
    },
    async publish(id, publish, more = {}) {
      return (await handlers['client.publish']({ id, publish, variables: {}, ...more })).no
    },
    async log(client, filter = '') {
      const view = views.clientPackets({ client, only: 'all', filter }, () => undefined)
      const all = () => view.read({ from: 0, count: 1000, tail: false })
      let before = -1
      // The view looks at the rows in slices.
      await expect
        .poll(async () => {
          const { total } = await all()
          const same = total === before
          before = total
          return same
        })
        .toBe(true)
      const { rows } = await all()
      view.close()
      return rows
    },
  }
}
