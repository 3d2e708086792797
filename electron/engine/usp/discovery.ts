/**
 * Asks a device who it is when it arrives, as Oktopus does, but one question at a time, so that one lost answer
 * does not hurt: its protocol versions, and five parameters of DeviceInfo.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Msg } from '../../../shared/usp/codec.ts'
import { recordVersions } from '../../../shared/usp/build-record.ts'
import { supportedVersionsOf, valuesOf } from '../../../shared/usp/model-answers.ts'
import { listItems } from '../../../shared/usp/notification.ts'
import type { Asked, RequestWish } from './controller.ts'
import type { Peer } from './peers.ts'

/** Devices asked at the same time; others wait for their turn. */
const MAX_AT_ONCE = 32
const TIMEOUT_MS = 5000
/** Before the second and third attempt. */
const BACK_OFF_MS = [2000, 6000] as const
/** A device that leaves so many questions in a row unanswered is asked no more. */
const MAX_UNANSWERED = 2

interface Question {
  readonly name: string
  readonly message: unknown
  readonly take: (peer: Peer, answer: Msg) => void
}

const parameters = {
  Manufacturer: 'manufacturer',
  ModelName: 'modelName',
  SoftwareVersion: 'softwareVersion',
  SerialNumber: 'serialNumber',
  ProductClass: 'productClass',
} as const

const questions: readonly Question[] = [
  {
    name: 'GetSupportedProtocol',
    message: {
      get_supported_protocol: {
        controller_supported_protocol_versions: recordVersions.toReversed().join(','),
      },
    },
    take(peer, answer) {
      const versions = supportedVersionsOf(answer)
      if (versions !== undefined) peer.usp.supportedVersions = listItems(versions)
    },
  },
  ...Object.entries(parameters).map(([name, fact]): Question => {
    const path = `Device.DeviceInfo.${name}`
    return {
      name,
      message: { get: { param_paths: [path], max_depth: 1 } },
      take(peer, answer) {
        const found = valuesOf(answer).find(([one]) => one === path)
        if (found) peer.usp[fact] = found[1]
      },
    }
  }),
]

export interface DiscoveryOptions {
  readonly enabled: boolean
  readonly ask: (wish: RequestWish) => Promise<Asked>
  readonly onDevice: (endpointId: string) => void
  /** Waits before an attempt are this many times as long; tests make it 0. */
  readonly patience?: number
}

export class Discovery {
  readonly #options: DiscoveryOptions
  readonly #waiting = new Set<Peer>()
  readonly #asking = new Set<string>()
  /** Asked again while being asked: once more afterwards. */
  readonly #again = new Set<string>()
  readonly #stopped = new AbortController()

  constructor(options: DiscoveryOptions) {
    this.#options = options
  }

  get enabled(): boolean {
    return this.#options.enabled
  }

  /** The device is there. `wanted`: a person asks for it, whatever the setting. */
  start(peer: Peer, wanted = false): void {
    if (!this.#options.enabled && !wanted) {
      peer.usp.discovery = { state: 'off' }
      return
    }
    if (this.#asking.has(peer.endpointId)) {
      if (wanted) this.#again.add(peer.endpointId)
      return
    }
    if (this.#waiting.has(peer)) return
    peer.usp.discovery = { state: 'waiting' }
    this.#waiting.add(peer)
    this.#next()
  }

  stop(): void {
    this.#waiting.clear()
    this.#stopped.abort()
  }

  #next(): void {
    for (const peer of this.#waiting) {
      if (this.#asking.size >= MAX_AT_ONCE) return
      this.#waiting.delete(peer)
      this.#asking.add(peer.endpointId)
      void this.#discover(peer).finally(() => {
        this.#asking.delete(peer.endpointId)
        this.#options.onDevice(peer.endpointId)
        if (this.#again.delete(peer.endpointId)) this.start(peer, true)
        this.#next()
      })
    }
  }

  async #discover(peer: Peer): Promise<void> {
    peer.usp.discovery = { state: 'asking' }
    this.#options.onDevice(peer.endpointId)
    const missing: string[] = []
    let unanswered = 0
    let why = ''
    for (const { name, message, take } of questions) {
      if (unanswered >= MAX_UNANSWERED || this.#stopped.signal.aborted) {
        missing.push(name)
        continue
      }
      const { report, msg } = await this.#ask(peer, message)
      if (msg) take(peer, msg)
      if (report.outcome === 'answered' || report.outcome === 'error') unanswered = 0
      else unanswered += 1
      // An Error is an answer, too: the device has no such parameter.
      if (msg && report.failures.length === 0) this.#options.onDevice(peer.endpointId)
      else {
        missing.push(name)
        why = report.text
      }
      if (['offline', 'disconnected', 'cancelled', 'unreachable', 'refused'].includes(report.outcome)) {
        unanswered = MAX_UNANSWERED
      }
    }
    const text = missing.length === 0 ? undefined : `No answer about ${missing.join(', ')}. ${why}`
    const state = missing.length === 0 ? 'done' : missing.length === questions.length ? 'failed' : 'partly'
    peer.usp.discovery = { state, ...(text === undefined ? {} : { text }) }
  }

  /** Asked again, after a while, when nothing came. */
  async #ask(peer: Peer, message: unknown): Promise<Asked> {
    const wish = { endpointId: peer.endpointId, message, timeoutMs: TIMEOUT_MS, automatic: true }
    let asked = await this.#options.ask(wish)
    for (const pause of BACK_OFF_MS) {
      if (asked.report.outcome !== 'timeout') break
      if (!(await this.#pause(pause * (this.#options.patience ?? 1)))) break
      asked = await this.#options.ask(wish)
    }
    return asked
  }

  /** False when the bench closes meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await sleep(ms, undefined, { signal: this.#stopped.signal })
      return true
    } catch {
      return false
    }
  }
}
