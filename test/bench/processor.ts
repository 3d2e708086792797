/** Processor time by process and thread, as the kernel counts it. Linux only, elsewhere NaN. */
import { readdir, readFile } from 'node:fs/promises'

export interface Spent {
  /** Seconds with a processor. */
  readonly ran: number
  /** Seconds ready to run without one. */
  readonly waited: number
}

const NS = 1e9

/** Of the thread that a process began with. */
export const mainThreadTime = (pid: number): Promise<Spent> => threadTime(pid, pid)

/** Of all threads that the process has now. */
export async function processTime(pid: number): Promise<Spent> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const parts = await Promise.all(threads.map((thread) => threadTime(pid, Number(thread))))
  const present = parts.filter(({ ran }) => !Number.isNaN(ran))
  return {
    ran: present.reduce((total, { ran }) => total + ran, 0),
    waited: present.reduce((total, { waited }) => total + waited, 0),
  }
}

/** The file holds both in nanoseconds, then how often it ran. */
async function threadTime(pid: number, thread: number): Promise<Spent> {
  const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '')
  const [ran = NaN, waited = NaN] = text === '' ? [] : text.split(' ').map(Number)
  return { ran: ran / NS, waited: waited / NS }
}
