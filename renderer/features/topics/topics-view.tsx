/** What went over which topic: a tree with the last values, and the messages of the topic under the cursor. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { ListWithReason } from '../../list/reason.tsx'
import { plural, size } from '../../ui/format.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { CaptureTabs } from '../packets/capture-tabs.tsx'
import { undoClear } from './actions.ts'
import { TopicBar } from './topic-bar.tsx'
import { TopicDetail } from './topic-detail.tsx'
import { TopicList } from './topic-list.tsx'
import './topics.css'

export function TopicsView() {
  const { topics } = useModel()
  const selected = useStore(topics, (state) => state.row !== undefined)
  const [ratio, setRatio] = useSplit('topics', 0.58)
  return (
    <div className="list-view">
      <CaptureTabs />
      <TopicBar />
      <ClearedBar />
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

/** What was cleared last, and the way back. */
function ClearedBar() {
  const model = useModel()
  const cleared = useStore(model.topics, (state) => state.cleared)
  if (!cleared) return null
  const { messages, bytes, topic, below, undo } = cleared
  return (
    <div className="topic-cleared" role="status">
      <span className="cut">
        Cleared {plural(messages, 'retained message')} of {topic}
        {below && ' and below'}, {size(bytes)}.
      </span>
      {undo === undefined ? (
        <span className="dim">That was too much to be kept for undoing.</span>
      ) : (
        <button type="button" className="button" onClick={() => void undoClear(model)}>
          Undo
        </button>
      )}
      <button
        type="button"
        className="button quiet"
        aria-label="Leave it cleared"
        onClick={model.topics.forgetCleared}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}

function ListOrReason() {
  const model = useModel()
  const { list } = model.topics
  const empty = useStore(
    list,
    (state) => state.loaded && state.viewport > 0 && state.total === 0 && state.progress === undefined,
  )
  const all = useStore(list, (state) => state.all)
  const error = useStore(list, (state) => state.error)
  const capture = useStore(list, (state) => state.params.capture)
  const recording = useStore(model.live, (state) => state.capture?.recording !== false)
  if (error) return <Empty>{error.message}</Empty>
  return (
    <ListWithReason reason={empty && <Reason all={all} capture={capture} recording={recording} />}>
      <TopicList />
    </ListWithReason>
  )
}

interface ReasonProps {
  readonly all: number
  readonly capture: string
  readonly recording: boolean
}

function Reason({ all, capture, recording }: ReasonProps) {
  const model = useModel()
  const { setText, setRetainedOnly } = model.topics
  const clear = () => {
    setText('', true)
    setRetainedOnly(false)
  }
  if (all > 0)
    return (
      <Empty
        action={
          <button type="button" className="button" onClick={clear}>
            Show all topics
          </button>
        }
      >
        No topic is as searched for.
      </Empty>
    )
  if (capture !== 'live') return <Empty>This capture holds no PUBLISH.</Empty>
  if (!recording)
    return (
      <Empty
        action={
          <button
            type="button"
            className="button main"
            onClick={() => void model.run('packets.record', { on: true })}
          >
            Record
          </button>
        }
      >
        Recording is off: topics are those of recorded packets.
      </Empty>
    )
  return (
    <Empty
      action={
        <button type="button" className="button main" onClick={() => model.goTo('bench')}>
          Attach a device
        </button>
      }
    >
      Each topic gets its place here, with its last value, as soon as something is published to it.
    </Empty>
  )
}
