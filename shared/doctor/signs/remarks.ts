/** What is worth knowing about how a device comes and goes, though no step fails of it. */
import type { Attempt } from '../case.ts'
import type { Cause } from '../model.ts'
import { evidence, onDevice, type Scene } from '../scene.ts'
import type { Finding } from './sign.ts'

interface Remark {
  readonly id: string
  readonly find: (scene: Scene) => Finding | undefined
}

/** Gaps that are this much longer each time are a back-off (multiplier 2000: twice as long). */
const GROWTH = 1.4
const SESSION_TAKEN_OVER = 0x8e

const tries = ({ attempts }: Scene): readonly Attempt[] => attempts.filter(({ connect }) => connect)

/** Seconds between the last CONNECTs, at most four gaps. */
function gaps(scene: Scene): number[] {
  const times = tries(scene)
    .slice(-5)
    .map(({ first }) => first.time / 1000)
  return times.slice(1).map((time, i) => time - (times[i] as number))
}

const seconds = (all: readonly number[]): string => all.map((gap) => gap.toFixed(gap < 10 ? 1 : 0)).join(', ')

const remarks: readonly Remark[] = [
  {
    id: 'cloned-database',
    find(scene) {
      const clash = scene.attempts.find(({ disconnect }) => disconnect?.code === SESSION_TAKEN_OVER)
      const id = clash?.connect?.packet.clientId
      const addresses = new Set(
        scene.attempts
          .filter(({ connect }) => connect && connect.packet.clientId === id)
          .map(({ connection }) => connection.remoteAddress),
      )
      if (!clash?.disconnect || id === undefined || addresses.size < 2) return undefined
      return {
        text: `Two devices use the client ID ${id} (${[...addresses].join(', ')}) and throw each other out: one has a copy of the other's database.`,
        evidence: [evidence(clash.disconnect, 'DISCONNECT 0x8E Session taken over')],
        remedies: [{ text: 'Let one of them start with a new database (obuspa -f new.db).' }],
      }
    },
  },
  {
    id: 'backing-off',
    find(scene) {
      const between = gaps(scene)
      const last = tries(scene).at(-1)
      const grows =
        between.length >= 3 && between.every((gap, i) => i === 0 || gap > (between[i - 1] as number) * GROWTH)
      if (!grows || !last || last.connack?.code === 0) return undefined
      return {
        text: `It waits longer each time (${seconds(between)} s); OBUSPA goes up to 8.5 hours. Restart it once the cause is mended.`,
        evidence: [evidence(last.first, 'last attempt')],
        remedies: [onDevice(scene, 'Keep it from waiting longer than a minute.', ['retryMaximum'])],
      }
    },
  },
  {
    id: 'loop-after-connack',
    find(scene) {
      const between = gaps(scene)
      const short = between.length >= 3 && between.every((gap) => gap > 2 && gap < 15)
      const all = tries(scene).slice(-4)
      const last = all.at(-1)
      if (!short || !last || !all.every(({ connack }) => connack?.code === 0)) return undefined
      return {
        text: `It is let in each time and comes again (every ${seconds(between)} s): what fails comes after the CONNACK.`,
        evidence: [evidence(last.first, 'last attempt')],
      }
    },
  },
  {
    id: 'mqtt-3',
    find({ attempt }) {
      const { connect } = attempt ?? {}
      if (!connect || connect.packet.level === 5) return undefined
      return {
        text: 'It speaks MQTT 3: without Response Topic, reason codes and user properties. TR-369 asks for 5.0 (R-MQTT.1).',
        evidence: [evidence(connect, 'CONNECT')],
        remedies: [
          {
            text: 'Let it speak 5.0 if it can.',
            commands: ['obuspa -f usp.db -c dbset Device.MQTT.Client.1.ProtocolVersion 5.0'],
          },
        ],
      }
    },
  },
  {
    id: 'no-endpoint-property',
    find({ attempt }) {
      const { connect } = attempt ?? {}
      if (!connect || connect.stated || connect.packet.level < 5) return undefined
      return {
        text: `Its CONNECT has no user property usp-endpoint-id (R-MQTT.13); ${connect.endpointId} was taken from its user name or client ID.`,
        evidence: [evidence(connect, 'CONNECT')],
      }
    },
  },
]

export const remarksOn = (scene: Scene): Cause[] =>
  remarks.flatMap(({ id, find }) => {
    const found = find(scene)
    return found
      ? [{ sign: id, text: found.text, evidence: found.evidence ?? [], remedies: found.remedies ?? [] }]
      : []
  })
