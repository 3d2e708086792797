/** What the signs look at: the connection that is judged, those before it, and what is known of the bench. */
import { dbset } from '../attach/outputs.ts'
import {
  MISSING_ID,
  parametersOf,
  PASSWORD_PLACE,
  type AttachTarget,
  type ParameterKey,
} from '../attach/parameters.ts'
import { topicMatches } from '../mqtt/topics.ts'
import { agentTopic } from '../usp/oktopus.ts'
import type { Attempt, Case, Filter, Said } from './case.ts'
import type { Evidence, Remedy } from './model.ts'

/** What is looked for: by what it calls itself, or by where it comes from while it has not said. */
export type DoctorSubject = { readonly endpointId: string } | { readonly address: string }

export interface BenchFacts {
  readonly listeners: readonly {
    readonly transport: 'tcp' | 'tls' | 'ws' | 'wss'
    readonly label: string
    readonly state: string
    readonly port: number
  }[]
  /** An address that devices reach, for commands; that which the device used comes first. */
  readonly address: string
}

export interface Scene {
  readonly subject: DoctorSubject
  readonly attempts: readonly Attempt[]
  /** The newest that is no mere probe; the newest probe while there is nothing else. */
  readonly attempt: Attempt | undefined
  readonly requests: readonly Said[]
  /** The endpoint ID that its topics must have. */
  readonly endpointId: string
  readonly bench: BenchFacts | undefined
  /** Milliseconds since 1970: of the newest row, or of now where the capture goes on. */
  readonly now: number
}

export function sceneOf(
  subject: DoctorSubject,
  seen: Case,
  now: number,
  bench: BenchFacts | undefined,
): Scene {
  const { attempts, requests } = seen
  const attempt = attempts.findLast(({ probe }) => !probe) ?? attempts.at(-1)
  const stated = attempt?.connect?.endpointId ?? ''
  const endpointId = stated || ('endpointId' in subject ? subject.endpointId : '')
  return { subject, attempts, attempt, requests, endpointId, bench, now }
}

export const isGranted = ({ code }: Filter): boolean => code !== undefined && code < 0x80
export const isRefused = ({ code }: Filter): boolean => code !== undefined && code >= 0x80

/** Does a filter that was granted take this topic in? Where that was before the capture begins, it is taken for granted. */
export function hears(
  { filters, begunBefore, first }: Attempt,
  topic: string,
): Pick<Filter, 'no' | 'time' | 'filter'> | undefined {
  if (begunBefore) return { ...first, filter: topic }
  return filters.find(
    (filter) =>
      isGranted(filter) && !filter.filter.startsWith('$share/') && topicMatches(filter.filter, topic),
  )
}

/** The filter that brings it what the controller sends; 3.1.1 agents subscribe what lies below their topic. */
export const ownFilter = (attempt: Attempt, endpointId: string): ReturnType<typeof hears> =>
  hears(attempt, agentTopic(endpointId))

export const evidence = (
  { no, time }: { readonly no: number; readonly time: number },
  text: string,
): Evidence => ({
  no,
  time,
  text,
})

/** What the device has to be told, with its own endpoint ID and the door it came to. */
export function targetOf({ attempt, endpointId, bench }: Scene): AttachTarget {
  const { localAddress = '', listenerPort = 0, transport = 'tcp' } = attempt?.connection ?? {}
  const encrypted = transport === 'tls'
  const door = bench?.listeners.find((listener) => listener.transport === (encrypted ? 'tls' : 'tcp'))
  const port = transport === 'tcp' || encrypted ? listenerPort : 0
  return {
    address: localAddress || bench?.address || '<address of the bench>',
    port: port || door?.port || (encrypted ? 8883 : 1883),
    transport: encrypted ? 'tls' : 'tcp',
    endpointId,
    login: {
      username: attempt?.connect?.packet.username ?? (endpointId || MISSING_ID),
      password: PASSWORD_PLACE,
    },
  }
}

/** Sets these parameters in an OBUSPA to what they must be. */
export const onDevice = (scene: Scene, text: string, keys: readonly ParameterKey[]): Remedy => ({
  text,
  commands: [...parametersOf(targetOf(scene), keys).map(dbset), RESTART],
})

const RESTART = '# while the agent is stopped; then start it again'
