/** What the controller knows of each endpoint that spoke to it, or that it asked. */
import type { DeviceUsp } from '../../../shared/contract/usp.ts'
import { commonVersion, compareVersions, recordVersions } from '../../../shared/usp/build-record.ts'
import { PeerSession } from './peer-session.ts'

const MAX_PEERS = 20_000
const MAX_MTPS = 8
/** What the widest range of devices understands: the Record types of 1.2, and what OB-USP-A speaks. */
const DEFAULT_VERSION = '1.3'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export class Peer {
  readonly endpointId: string
  readonly usp: Mutable<DeviceUsp> = { mtps: [], discovery: { state: 'waiting' } }
  /** Where it wants its answers, as it said last (Response Topic or `/reply-to=`). */
  replyTopic: string | undefined
  /** Of its last Connect Record. */
  connectTopic: string | undefined
  /** Why nothing is said to it by itself until it has mended that (R-MQTT.26a). */
  silencedBecause: string | undefined
  #session: PeerSession | undefined

  constructor(endpointId: string) {
    this.endpointId = endpointId
  }

  get session(): PeerSession {
    return (this.#session ??= new PeerSession())
  }

  endSession(): void {
    this.#session = undefined
  }

  /** Highest version that both sides know, as far as that was said. */
  get version(): string {
    const { supportedVersions, recordVersion } = this.usp
    if (supportedVersions) return commonVersion(supportedVersions) ?? recordVersions[0]
    if (recordVersion === undefined) return DEFAULT_VERSION
    return compareVersions(recordVersion, recordVersions[0]) > 0 ? recordVersions[0] : recordVersion
  }

  /** It can be reached there; a place known before moves to the end. */
  reachedAt(mqttVersion: '3.1.1' | '5.0', topic: string): void {
    const others = this.usp.mtps.filter((one) => one.topic !== topic || one.mqttVersion !== mqttVersion)
    const here = { protocol: 'MQTT', mqttVersion, topic, seenAt: Date.now() } as const
    this.usp.mtps = [...others, here].slice(-MAX_MTPS)
  }
}

export class Peers {
  /** The one heard of longest ago first. */
  readonly #peers = new Map<string, Peer>()

  find(endpointId: string): Peer | undefined {
    return this.#peers.get(endpointId)
  }

  of(endpointId: string): Peer {
    const peer = this.#peers.get(endpointId) ?? new Peer(endpointId)
    this.#peers.delete(endpointId)
    this.#peers.set(endpointId, peer)
    if (this.#peers.size > MAX_PEERS) {
      for (const oldest of this.#peers.keys()) {
        this.#peers.delete(oldest)
        break
      }
    }
    return peer
  }

  forget(endpointId: string): void {
    this.#peers.delete(endpointId)
  }
}
