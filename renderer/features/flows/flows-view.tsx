/** Flows: files, the text of one, and beside it what comes of running it. */
import { useModel } from '../../app/model.ts'
import { useStore } from 'zustand'
import { useSplit } from '../../app/use-split.ts'
import { Split } from '../../ui/split.tsx'
import { EditorPane } from './editor-pane.tsx'
import { FilesPane } from './files-pane.tsx'
import { ResultPane } from './result-pane.tsx'
import { RunBar } from './run-bar.tsx'
import '../../filter/filter.css'
import '../../list/list.css'
import './flows.css'

export function FlowsView() {
  const { runs } = useModel().flows
  const hasResult = useStore(runs, (state) => state.shown !== undefined)
  const [files, setFiles] = useSplit('flow-files', 0.19)
  const [text, setText] = useSplit('flow-text', 0.54)
  return (
    <div className="list-view">
      <RunBar />
      <Split
        direction="across"
        label="Width of the files"
        ratio={files}
        onRatio={setFiles}
        first={<FilesPane />}
        second={
          <Split
            direction="across"
            label="Width of the text"
            ratio={text}
            onRatio={setText}
            first={<EditorPane />}
            second={hasResult ? <ResultPane /> : undefined}
          />
        }
      />
    </div>
  )
}
