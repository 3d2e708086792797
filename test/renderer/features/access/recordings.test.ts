import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLive, type LiveStore } from '../../../../renderer/app/live.ts'
import { createRecordings, type RecordingsModel } from '../../../../renderer/features/access/recordings.ts'
import { OKTOPUS_DEFAULTS } from '../../../../shared/acl/defaults.ts'
import type { Job } from '../../../../shared/contract/model.ts'
import { FakeAccess } from './fake-access.ts'

const job = (state: Job['state'], more: Partial<Job> = {}): Job => ({
  id: 'job-7',
  kind: 'dry-run',
  title: 'Dry run over live',
  state,
  progress: 0.5,
  ...more,
})

describe('recordings', () => {
  let host: FakeAccess
  let live: LiveStore
  let model: RecordingsModel
  beforeEach(() => {
    host = new FakeAccess()
    live = createLive(host)
    model = createRecordings(host, live)
  })
  afterEach(() => {
    model.close()
    live.close()
  })
  const jobs = (...list: Job[]) => live.setState({ jobs: list })
  const { rules } = OKTOPUS_DEFAULTS
  const running = () => expect.poll(() => model.getState().dryRun.job).toBe('job-7')

  it('asks for the draft, waits for the job and takes its result', async () => {
    model.setState({ recording: { capture: 'cap-1', filter: 'publish' }, before: 'recorded' })
    const done = model.startDryRun(rules)
    await running()
    expect(host.requests('access.dryRun')).toMatchObject([
      { capture: 'cap-1', filter: 'publish', before: 'recorded' },
    ])
    // A second start while one runs changes nothing.
    await model.startDryRun(rules)
    expect(host.requests('access.dryRun')).toHaveLength(1)
    jobs(job('running'))
    expect(model.getState().dryRun.outcome).toBeUndefined()
    jobs(job('done'))
    await done
    expect(model.getState().dryRun).toMatchObject({
      job: undefined,
      outcome: { job: 'job-7', rules, before: 'recorded', of: { capture: 'cap-1' }, result: { packets: 3 } },
    })
    expect(host.requests('jobs.dismiss')).toEqual([{ id: 'job-7' }])
  })

  it('says why a job failed, and keeps what was there before', async () => {
    const done = model.startDryRun(rules)
    await running()
    jobs(job('failed', { message: 'the worker ended' }))
    await done
    expect(model.getState().dryRun).toMatchObject({ job: undefined, error: { message: 'the worker ended' } })
  })

  it('is stopped without an error', async () => {
    const done = model.startDryRun(rules)
    await running()
    model.stop('dryRun')
    expect(host.requests('jobs.cancel')).toEqual([{ id: 'job-7' }])
    jobs(job('cancelled'))
    await done
    expect(model.getState().dryRun).toEqual({ job: undefined, outcome: undefined, error: undefined })
  })

  it('tells what the bench refuses at once', async () => {
    host.errors.set('access.dryRun', { code: 'conflict', message: '8 jobs are running already.' })
    await model.startDryRun(rules)
    expect(model.getState().dryRun).toMatchObject({ job: undefined, error: { code: 'conflict' } })
  })

  it('does not wait for a job that is gone', async () => {
    const done = model.startDryRun(rules)
    await running()
    jobs(job('running'))
    host.errors.set('access.dryRun.result', { code: 'not-found', message: 'run it again' })
    jobs()
    await done
    expect(model.getState().dryRun.error?.message).toBe('run it again')
  })
})
