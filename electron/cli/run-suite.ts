/** Flows against devices, over the contract of a bench: in this process, or one that runs already. */
import { randomBytes } from 'node:crypto'
import type { FlowRuns } from '../../shared/contract/flows.ts'
import type { Host } from '../../shared/contract/host.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import type { FlowResult } from '../../shared/flow/run/result.ts'
import { controllerUser } from '../../shared/usp/oktopus.ts'
import { call } from '../common/calls.ts'
import type { ReportedAttachments } from './run-attachments.ts'
import type { Evidence } from './run-evidence.ts'
import type { FlowToRun } from './run-files.ts'
import { RunLines } from './run-lines.ts'
import type { RunOptions } from './run-options.ts'
import { RunOutcomes } from './run-outcomes.ts'

/** Before the name of a secret, in the environment. */
export const SECRET = 'OKTOBENCH_SECRET_'
/** Rows of the devices that are looked at for one: its endpoint ID may be a part of others. */
const LOOKED_AT = 100
/** A device that is not there by then is said to be waited for. */
const WAITED_MS = 1500

export interface SuiteOptions {
  readonly host: Host
  readonly options: RunOptions
  readonly flows: readonly FlowToRun[]
  /** Where packets of each run are kept, if they are. */
  readonly evidence?: Evidence
  /** Where attachments go that reports speak of. */
  readonly attachments?: ReportedAttachments
  readonly say: (lines: readonly string[]) => void
  readonly warn: (text: string) => void
  /** What a device that does not come may lack. */
  readonly absent: (device: string) => string
  readonly colours: boolean
}

export class Suite {
  readonly outcomes = new RunOutcomes()
  readonly #given: SuiteOptions
  readonly #host: Host
  readonly #lines: RunLines
  readonly #running = new Set<string>()
  /** Told to stop: a second time would end their clean-up. */
  readonly #halted = new Set<string>()
  readonly #stopping = new AbortController()
  /** Why nothing more can be done. */
  #lost: string | undefined

  constructor(given: SuiteOptions) {
    this.#given = given
    this.#host = given.host
    this.#lines = new RunLines(given.options.show, given.colours)
  }

  /** All flows on all devices; one device does one thing at a time. */
  async run(): Promise<void> {
    const { devices, jobs } = this.#given.options
    const waiting = [...devices]
    const worker = async (): Promise<void> => {
      for (let device = waiting.shift(); device !== undefined; device = waiting.shift())
        await this.#device(device)
    }
    const unlink = this.#host.onLink((state) => {
      if (state === 'connected') return
      this.#lost = 'The bench that the flows were run on is gone.'
      this.#stopping.abort()
    })
    await Promise.all(Array.from({ length: Math.min(jobs, devices.length) }, worker))
    unlink()
    this.#given.say(['', this.#lines.summary(this.outcomes)])
  }

  /** What runs does its clean-up, and nothing more is begun. */
  stop(): void {
    this.#stopping.abort()
    for (const run of this.#running) this.#halt(run)
  }

  /** Their clean-up is ended, too. */
  abandon(): void {
    for (const run of this.#running) void this.#host.call('flows.control', { run, action: 'stop' })
  }

  async #device(device: string): Promise<void> {
    const { options, flows } = this.#given
    const isThere = await this.#comes(device)
    const until = Date.now() + (options.for ?? Number.POSITIVE_INFINITY)
    if (!isThere) return this.#notRun(flows, device, this.#absent(device))
    for (let turn = 1; turn <= options.repeat; turn++) {
      for (const [at, flow] of flows.entries()) {
        const isTime = turn === 1 || Date.now() < until
        if (!isTime) return
        if (this.#stopping.signal.aborted) return this.#notRun(flows.slice(at), device)
        await this.#flow(flow, device, turn)
      }
      if (this.#stopping.signal.aborted) return
    }
  }

  #absent(device: string): string {
    const { options, absent } = this.#given
    return `The device ${device} did not connect and subscribe within ${options.waitDevice / 1000} s. ${absent(device)}`
  }

  /** False when it does not come in time. */
  async #comes(device: string): Promise<boolean> {
    const { options, say } = this.#given
    const { waitDevice } = options
    const isOnline = async (): Promise<boolean> => {
      const answer = await this.#host.call('devices.get', { endpointId: device })
      return answer.ok && answer.value.online && answer.value.subscriptions.length > 0
    }
    const { signal } = this.#stopping
    const view = { text: device, sort: 'endpointId', descending: false } as const
    const window = { from: 0, count: LOOKED_AT, tail: false }
    return await new Promise((settle) => {
      const end = (isThere: boolean): void => {
        clearTimeout(timer)
        clearTimeout(remark)
        watched.close()
        signal.removeEventListener('abort', abort)
        settle(isThere)
      }
      const abort = (): void => end(false)
      const look = (): void => void isOnline().then((online) => online && end(true))
      const timer = setTimeout(() => end(false), waitDevice)
      const remark = setTimeout(() => {
        if (options.show !== 'quiet')
          say([`Waiting for ${device} to connect, up to ${waitDevice / 1000} s …`])
      }, WAITED_MS)
      const watched = this.#host.open('devices', view, window, look)
      signal.addEventListener('abort', abort)
      if (signal.aborted) abort()
      look()
    })
  }

  async #flow(toRun: FlowToRun, device: string, turn: number): Promise<void> {
    const { flow, text, calls } = toRun
    const { options, evidence, attachments, say, warn } = this.#given
    // A flow refuses values for variables that it does not have; another of the same run may have them.
    const variables = Object.fromEntries(
      Object.entries(options.variables).filter(([name]) => Object.hasOwn(flow.variables ?? {}, name)),
    )
    const secrets = Object.fromEntries(
      (flow.secrets ?? []).flatMap((name) => {
        const value = process.env[SECRET + name]
        return value === undefined ? [] : [[name, value] as const]
      }),
    )
    say(this.#lines.begin(flow.name, device))
    let run = ''
    try {
      const source = { text, calls }
      run = (await call(this.#host, 'flows.run', { source, device, variables, secrets })).run
      this.#running.add(run)
      if (this.#stopping.signal.aborted) this.#halt(run)
      const prefix = options.devices.length > 1 && options.jobs > 1 ? `${device} ` : ''
      const result = await this.#ended(run, (so) => say(this.#lines.steps(run, so, prefix)))
      say([...this.#lines.steps(run, result, prefix), ...this.#lines.end(result, run)])
      this.outcomes.add(result)
      const tell = (error: unknown): void => warn((error as Error).message)
      await evidence?.keep(result, turn).catch(tell)
      await attachments?.keep(result, run).catch(tell)
    } catch (error) {
      if (!(error instanceof BenchFailure)) throw error
      this.#notRun([toRun], device, error.message)
    } finally {
      this.#running.delete(run)
    }
  }

  /** The result once the run has ended; `tell` is given it as far as it is. Rejects when the bench is gone. */
  #ended(run: string, tell: (result: FlowResult) => void): Promise<FlowResult> {
    return new Promise((settle, reject) => {
      let asking = false
      let again = false
      const ends: (() => void)[] = []
      const end = (act: () => void): void => {
        ends.splice(0).forEach((one) => one())
        act()
      }
      const ask = async (): Promise<void> => {
        // One question at a time; what changed meanwhile asks once more.
        again = true
        if (asking) return
        asking = true
        while (again) {
          again = false
          try {
            const result = await call(this.#host, 'flows.result', { id: run })
            if (result.status === 'running') tell(result)
            else end(() => settle(result))
          } catch (error) {
            end(() => reject(error as Error))
          }
        }
        asking = false
      }
      const look = ({ runs }: FlowRuns): void => {
        const [question] = runs.find(({ id }) => id === run)?.questions ?? []
        if (question) {
          if (!this.#halted.has(run))
            this.#given.warn(`“${question.text}” needs a person; the flow is stopped.`)
          this.#halt(run)
        }
        void ask()
      }
      ends.push(
        this.#host.on('flowRuns', look),
        this.#host.onLink(() => void ask()),
      )
    })
  }

  /** Each is a result; what holds for all of them is said once. */
  #notRun(flows: readonly FlowToRun[], device: string, why?: string): void {
    const results = flows.map((one) => this.#resultOfNone(one, device, why))
    for (const result of results) this.outcomes.add(result)
    this.#given.say(this.#lines.notRun(results))
  }

  #resultOfNone({ flow }: FlowToRun, device: string, why: string | undefined): FlowResult {
    const { name, requirements = [], tags = [] } = flow
    const isStopped = this.#stopping.signal.aborted && this.#lost === undefined
    return {
      name,
      requirements,
      tags,
      device,
      controller: controllerUser,
      runId: randomBytes(3).toString('hex'),
      status: isStopped ? 'stopped' : 'error',
      note: isStopped ? 'It was not begun.' : (this.#lost ?? why ?? 'It was not begun.'),
      start: Date.now(),
      duration: 0,
      setup: [],
      steps: [],
      cleanup: [],
      variables: {},
    }
  }

  #halt(run: string): void {
    if (this.#halted.has(run)) return
    this.#halted.add(run)
    // It may have ended this moment: then that is no failure.
    void this.#host.call('flows.control', { run, action: 'stop' })
  }
}
