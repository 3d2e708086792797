/** Long work in the footer: how far it is, how to stop it, and what came of it. */
import { useStore } from 'zustand'
import type { Job } from '../../../shared/contract/model.ts'
import { deliver } from '../../app/deliver.ts'
import { useModel, type Model } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Icon } from '../../ui/kit.tsx'

export function JobsTray() {
  const { live, captures } = useModel()
  const jobs = useStore(live, (state) => state.jobs)
  const open = useStore(captures, (state) => state.trayOpen)
  if (jobs.length === 0) return null
  const running = jobs.filter(({ state }) => state === 'running')
  const failed = jobs.filter(({ state }) => state === 'failed')
  const part = running.reduce((sum, { progress }) => sum + progress, 0) / Math.max(1, running.length)
  return (
    <div className="jobs">
      <button
        type="button"
        className="jobs-button"
        aria-expanded={open}
        onClick={() => captures.setState({ trayOpen: !open })}
      >
        {running.length > 0 ? (
          <>
            {plural(running.length, 'job')} {Math.floor(part * 100)} %
            <progress max={1} value={part} aria-label="Progress of all jobs" />
          </>
        ) : (
          <span className={failed.length > 0 ? 'bad' : ''}>
            {failed.length > 0 ? `${failed.length} failed` : `${plural(jobs.length, 'job')} done`}
          </span>
        )}
      </button>
      {open && (
        <ul className="jobs-list" aria-label="Jobs">
          {jobs.map((job) => (
            <JobLine key={job.id} job={job} />
          ))}
        </ul>
      )}
    </div>
  )
}

function JobLine({ job }: { job: Job }) {
  const model = useModel()
  const { id, title, state, progress, message, file } = job
  const running = state === 'running'
  return (
    <li className={`job is-${state}`}>
      <div className="job-text">
        <b className="cut" title={title}>
          {title}
        </b>
        {running && <progress max={1} value={progress} aria-label={`Progress of ${title}`} />}
        {state === 'cancelled' && <span className="dim">Cancelled.</span>}
        {message && <span className={state === 'failed' ? 'bad' : 'dim'}>{message}</span>}
      </div>
      {running && <span className="number dim">{Math.floor(progress * 100)} %</span>}
      {state === 'done' && file !== undefined && (
        <button type="button" className="button main" onClick={() => void save(model, file)}>
          Save…
        </button>
      )}
      {running ? (
        <button type="button" className="button" onClick={() => void model.run('jobs.cancel', { id })}>
          Cancel
        </button>
      ) : (
        <button
          type="button"
          className="button quiet"
          aria-label={`Dismiss ${title}`}
          onClick={() => void model.run('jobs.dismiss', { id })}
        >
          <Icon name="close" />
        </button>
      )}
    </li>
  )
}

async function save(model: Model, file: string): Promise<void> {
  const answer = await deliver(model.host, [file])
  if (answer.ok) model.captures.setState({ trayOpen: false })
  else model.notices.getState().fail(answer.error)
}
