/** Sends clients to another server (MQTT 5.0, 4.11). The bench's own controller stays. */
import { controllerUser } from '../../../../shared/usp/oktopus.ts'
import type { RuleFactory } from '../rule.ts'

const USE_ANOTHER_SERVER = 0x9c
const SERVER_MOVED = 0x9d

export interface RedirectOptions {
  /** Server Reference: addresses with spaces between; empty lets everybody stay. */
  readonly reference: string
  /** For good (0x9D), not for now (0x9C). */
  readonly moved: boolean
}

export const redirect =
  ({ reference, moved }: RedirectOptions): RuleFactory =>
  () => ({
    name: 'redirect',
    inbound:
      reference === ''
        ? {}
        : {
            CONNECT({ username }) {
              if (username === controllerUser) return undefined
              return {
                do: 'reject',
                reasonCode: moved ? SERVER_MOVED : USE_ANOTHER_SERVER,
                text: `clients are sent to ${reference} (broker.serverReference)`,
                properties: [{ name: 'serverReference', value: reference }],
              }
            },
          },
  })
