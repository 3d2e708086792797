/** What the person should know or mend. */
import { useStore } from 'zustand'
import type { Problem } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { ago, dateTime } from '../../ui/format.ts'
import { Card, Icon } from '../../ui/kit.tsx'

const none: readonly Problem[] = []

export function Problems() {
  const model = useModel()
  const problems = useStore(model.live, (state) => state.bench?.problems ?? none)
  const now = useNow()
  if (problems.length === 0) return null
  return (
    <Card title="Problems">
      <ul className="problems">
        {problems.map(({ id, severity, text, since }) => {
          const at = Date.parse(since)
          return (
            <li key={id}>
              <span className={severity === 'error' ? 'bad' : 'warn'}>
                <Icon name={severity === 'error' ? 'error' : 'warning'} label={severity} />
              </span>
              <span>{text}</span>
              <time className="dim number" title={dateTime(at)}>
                {ago(at, now)}
              </time>
              <button
                type="button"
                className="button quiet"
                onClick={() => void model.run('problems.dismiss', { id })}
              >
                Dismiss
              </button>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
