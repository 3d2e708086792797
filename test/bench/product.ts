/** The built `oktobench serve` as a process of its own, and the contract as a page speaks it. */
import { readFile } from 'node:fs/promises'
import { call, jobDone } from '../../electron/common/calls.ts'
import { joinBench } from '../../electron/common/door.ts'
import type { CommandName, Request, Response } from '../../shared/contract/contract.ts'
import type { Host } from '../../shared/contract/host.ts'
import type { Job } from '../../shared/contract/model.ts'
import { startServe } from '../support/serve.ts'

export interface Product {
  /** With its token. */
  readonly url: string
  readonly port: number
  readonly host: Host
  /** Throws what the bench answers instead. */
  call<C extends CommandName>(name: C, request: Request<C>): Promise<Response<C>>
  /** Waits for a job's end. Rejects when it failed. */
  done(id: string): Promise<Job>
  /** Resident memory of the process in bytes. */
  memory(): Promise<number>
  /** Seconds of processor time that it has used, all threads together. */
  processorTime(): Promise<number>
  stop(): Promise<void>
}

/** `options` of `oktobench serve`, beside those of every test. */
export async function startProduct(options: readonly string[] = []): Promise<Product> {
  const served = await startServe(options)
  const joined = await joinBench(served.workspace)
  if (!joined) throw new Error('The bench that was started cannot be joined.')
  const { host, close } = joined
  return {
    url: served.url,
    port: served.mqttPort,
    host,
    call: (name, request) => call(host, name, request),
    done: (id) => jobDone(host, id),
    memory: () => residentMemory(served.process.pid),
    processorTime: () => processorTime(served.process.pid),
    async stop() {
      close()
      await served.stop()
    },
  }
}

/** Linux only; elsewhere NaN, and the memory rows stay empty. */
export async function residentMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) * 1024
}

/** User and system time are the 14th and 15th word of this file, in hundredths of a second. Linux only, else NaN. */
async function processorTime(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name in parentheses may hold anything.
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(words[11] ?? NaN) + Number(words[12] ?? NaN)) / 100
}
