/** What went over the buckets of the bench, newest first. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { clock, count, dateTime, plural, size } from '../../ui/format.ts'
import { Card } from '../../ui/kit.tsx'
import { entryWords, writerWords } from './words.ts'

/** An empty bucket, a key without versions, a deletion: they have no revision or no bytes to speak of. */
const NOTHING = <span className="dim">none</span>

export function Traffic() {
  const activity = useStore(useModel().live, (state) => state.nats)
  if (!activity) return null
  const { entries, dropped } = activity
  return (
    <Card
      title="Traffic of the buckets"
      aside={dropped > 0 ? `${plural(dropped, 'older entry', 'older entries')} no longer kept` : undefined}
    >
      {entries.length === 0 ? (
        <p className="dim">
          Nothing yet. What is read from and written to <code>devices-auth</code> and <code>bench-acl</code>{' '}
          stands here, without the values.
        </p>
      ) : (
        <table className="nats-traffic">
          <thead>
            <tr>
              <th>Time</th>
              <th>What</th>
              <th>Bucket</th>
              <th>Key</th>
              <th className="is-right">Revision</th>
              <th className="is-right">Size</th>
              <th>Who</th>
            </tr>
          </thead>
          <tbody className="number">
            {entries.toReversed().map((entry) => (
              <tr key={entry.id}>
                <td title={dateTime(entry.time)}>{clock(entry.time)}</td>
                <td>{entryWords[entry.kind]}</td>
                <td className="mono">{entry.bucket}</td>
                <td className="mono nats-key" title={entry.key}>
                  {entry.key === '' ? <span className="dim">all</span> : entry.key}
                </td>
                <td className="is-right">{entry.revision === 0 ? NOTHING : count(entry.revision)}</td>
                <td className="is-right">{entry.size === 0 ? NOTHING : size(entry.size)}</td>
                <td>{writerWords(entry)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  )
}
