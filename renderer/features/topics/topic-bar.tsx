/** What of the tree is shown: search, order, levels, and whether it stands still. */
import { useStore } from 'zustand'
import { topicSorts, type TopicSort } from '../../../shared/topics/lines.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { FilterInput } from '../../list/filter-input.tsx'
import { plural } from '../../ui/format.ts'
import { TOPIC_LIST } from './topic-list.tsx'

const sortWords: Readonly<Record<TopicSort, string>> = {
  name: 'by name',
  recent: 'newest first',
  messages: 'most messages first',
  rate: 'busiest first',
  bytes: 'most bytes first',
}

export function TopicBar() {
  const model = useModel()
  const { topics } = model
  const { list } = topics
  const text = useStore(topics, (state) => state.text)
  const params = useStore(list, (state) => state.params)
  const all = useStore(list, (state) => state.all)
  const progress = useStore(list, (state) => state.progress)
  const paused = params.before > 0
  const run = (id: string) => () => void runCommand(commandById(id), model)
  return (
    <div className="filter-bar">
      <FilterInput
        id="topics-filter"
        label="Search topics"
        placeholder="Search: words, or a topic filter such as oktopus/+/v1/#"
        value={text}
        onChange={topics.setText}
        listId={TOPIC_LIST}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={params.retainedOnly}
          onChange={(event) => topics.setRetainedOnly(event.target.checked)}
        />
        Retained
      </label>
      <select
        className="input"
        aria-label="Order"
        value={params.sort}
        onChange={(event) => topics.setSort(event.target.value as TopicSort)}
      >
        {topicSorts.map((sort) => (
          <option key={sort} value={sort}>
            {sortWords[sort]}
          </option>
        ))}
      </select>
      <button type="button" className="button" title="Key: *" onClick={run('topics.expand')}>
        Open all
      </button>
      <button type="button" className="button" title="Key: Shift C" onClick={run('topics.collapse')}>
        Close all
      </button>
      <button
        type="button"
        className="button"
        aria-pressed={paused}
        title={paused ? 'Follow the packets again' : 'The tree stands still; packets are recorded on'}
        onClick={run('topics.pause')}
      >
        {paused ? 'Go on' : 'Pause'}
      </button>
      <span className="number dim found" role="status">
        {paused ? `stands still at packet ${params.before - 1} · ` : ''}
        {plural(all, 'topic')}
      </span>
      {progress !== undefined && (
        <progress className="search-progress" aria-label="Reading the capture" value={progress} />
      )}
    </div>
  )
}
