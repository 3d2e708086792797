/** What programs that use a bench through its contract ask of it. */
import type { CommandName, Request, Response } from '../../shared/contract/contract.ts'
import type { Host } from '../../shared/contract/host.ts'
import type { Job } from '../../shared/contract/model.ts'
import { BenchFailure } from '../../shared/contract/result.ts'

/** Rejects with the BenchFailure that the bench answers. */
export async function call<C extends CommandName>(
  host: Host,
  name: C,
  request: Request<C>,
): Promise<Response<C>> {
  const answer = await host.call(name, request)
  if (answer.ok) return answer.value
  const { code, message, detail } = answer.error
  throw new BenchFailure(code, message, detail)
}

/** Waits for a job's end. Rejects with a BenchFailure when it failed, was cancelled, or the bench is lost. */
export function jobDone(host: Host, id: string): Promise<Job> {
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = []
    const settle = (act: () => void): void => {
      // A listener is told at once when a value is known, before what ends it is there.
      queueMicrotask(() => ends.forEach((end) => end()))
      act()
    }
    ends.push(
      host.on('jobs', (jobs) => {
        const job = jobs.find((one) => one.id === id)
        if (job === undefined || job.state === 'running') return
        if (job.state === 'done') settle(() => resolve(job))
        else settle(() => reject(new BenchFailure('failed', `${job.title}: ${job.message ?? job.state}`)))
      }),
      host.onLink((state) => {
        if (state !== 'connected')
          settle(() => reject(new BenchFailure('disconnected', 'The bench is gone.')))
      }),
    )
  })
}
