/** What went over which topic: a tree with the last values, and the messages of the topic under the cursor. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { Empty } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { CaptureTabs } from '../packets/capture-tabs.tsx'
import { TopicBar } from './topic-bar.tsx'
import { TopicDetail } from './topic-detail.tsx'
import { TopicList } from './topic-list.tsx'
import '../../list/list.css'
import './topics.css'

export function TopicsView() {
  const { topics } = useModel()
  const selected = useStore(topics, (state) => state.row !== undefined)
  const [ratio, setRatio] = useSplit('topics', 0.58)
  return (
    <div className="list-view">
      <CaptureTabs />
      <TopicBar />
      <Split
        direction="across"
        label="Width of the tree of topics"
        ratio={ratio}
        onRatio={setRatio}
        first={<ListOrReason />}
        second={selected ? <TopicDetail /> : undefined}
      />
    </div>
  )
}

function ListOrReason() {
  const model = useModel()
  const { list, setText, setRetainedOnly } = model.topics
  const empty = useStore(
    list,
    (state) => state.loaded && state.viewport > 0 && state.total === 0 && state.progress === undefined,
  )
  const all = useStore(list, (state) => state.all)
  const error = useStore(list, (state) => state.error)
  const capture = useStore(list, (state) => state.params.capture)
  const recording = useStore(model.live, (state) => state.capture?.recording !== false)
  if (error) return <Empty>{error.message}</Empty>
  const clear = () => {
    setText('', true)
    setRetainedOnly(false)
  }
  return (
    <div className="topic-pane">
      {empty && (
        <div className="topic-reason">
          {all > 0 ? (
            <Empty
              action={
                <button type="button" className="button" onClick={clear}>
                  Show all topics
                </button>
              }
            >
              No topic is as searched for.
            </Empty>
          ) : capture !== 'live' ? (
            <Empty>This capture holds no PUBLISH.</Empty>
          ) : (
            <Empty
              action={
                recording ? (
                  <button type="button" className="button main" onClick={() => model.goTo('bench')}>
                    Attach a device
                  </button>
                ) : (
                  <button
                    type="button"
                    className="button main"
                    onClick={() => void model.run('packets.record', { on: true })}
                  >
                    Record
                  </button>
                )
              }
            >
              {recording
                ? 'Each topic gets its place here, with its last value, as soon as something is published to it.'
                : 'Recording is off: topics are those of recorded packets.'}
            </Empty>
          )}
        </div>
      )}
      <TopicList />
    </div>
  )
}
