/** How a flow is written: every key, matcher, function and act with an example, out of the tables of the format. */
import { useMemo, useState } from 'react'
import { reference, type Topic } from '../../../shared/flow/format/reference.ts'
import { Dialog } from '../../app/dialog.tsx'
import { Empty } from '../../ui/kit.tsx'
import './reference.css'

const textOf = ({ title, text = '', rows = [], example = '' }: Topic): string =>
  [title, text, ...rows.flat(), example].join('\n').toLowerCase()

export function ReferenceDialog() {
  const [search, setSearch] = useState('')
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    const fits = (topic: Topic): boolean => {
      const text = textOf(topic)
      return words.every((word) => text.includes(word))
    }
    return reference
      .map(({ title, topics }) => ({ title, topics: topics.filter(fits) }))
      .filter(({ topics }) => topics.length > 0)
  }, [search])
  return (
    <Dialog title="How a flow is written" wide>
      <input
        className="input"
        type="search"
        aria-label="Find in the reference"
        placeholder="Find a step, a key, a matcher, a function"
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      <div className="flow-reference" tabIndex={0} role="region" aria-label="Reference">
        {found.length === 0 && <Empty>Nothing has these words: {search}</Empty>}
        {found.map(({ title, topics }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            {topics.map((topic) => (
              <TopicText key={topic.title} topic={topic} />
            ))}
          </section>
        ))}
      </div>
    </Dialog>
  )
}

function TopicText({ topic: { title, text, rows, example } }: { readonly topic: Topic }) {
  return (
    <article>
      <h4>{title}</h4>
      {text !== undefined && <p>{text}</p>}
      {rows !== undefined && (
        <dl>
          {rows.map(([name, about]) => (
            <div key={name}>
              <dt className="mono">{name}</dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
      )}
      {example !== undefined && <pre className="mono">{example.trimEnd()}</pre>}
    </article>
  )
}
