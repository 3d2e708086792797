/** The captures of the workspace, and the one under the cursor with what can be done with it. */
import { useStore } from 'zustand'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { useKeptScroll } from '../../app/use-kept-scroll.ts'
import { useSplit } from '../../app/use-split.ts'
import { plural, size } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { CaptureDetail } from './capture-detail.tsx'
import { CaptureList } from './capture-list.tsx'
import '../../list/list.css'
import './captures.css'

export function CapturesView() {
  const model = useModel()
  const captures = useStore(model.live, (state) => state.captures)
  const scroll = useKeptScroll('captures')
  const selected = useStore(model.captures, (state) => state.selected)
  const [ratio, setRatio] = useSplit('captures', 0.68)
  const info = captures?.find(({ id }) => id === selected)
  const stored = captures?.filter(({ state }) => state !== 'live') ?? []
  return (
    <div className="list-view">
      <div className="filter-bar">
        <span className="number dim">
          {captures && `${plural(captures.length, 'capture')}, ${size(total(captures))}`}
        </span>
        <span className="spacer" />
        <CommandButton id="captures.new" />
        <CommandButton id="captures.import" />
      </div>
      {captures?.length === 0 ? (
        <Empty action={<CommandButton id="captures.import" main />}>
          No capture yet. The bench records as soon as it runs; files of other tools can be imported: drop a
          pcap or pcapng file anywhere in this window.
        </Empty>
      ) : (
        <Split
          direction="across"
          label="Width of the list of captures"
          ratio={ratio}
          onRatio={setRatio}
          first={
            <div className="captures" ref={scroll}>
              <CaptureList captures={captures ?? []} />
              {captures && stored.length === 0 && (
                <p className="dim captures-hint">
                  Only the live capture so far. “New capture” ends it and keeps it here; files of other tools
                  come in with “Import…” or by dropping them anywhere in this window.
                </p>
              )}
            </div>
          }
          second={info && <CaptureDetail key={info.id} info={info} />}
        />
      )}
    </div>
  )
}

const total = (captures: readonly { readonly bytes: number }[]): number =>
  captures.reduce((sum, { bytes }) => sum + bytes, 0)

export function CommandButton({ id, main = false }: { id: string; main?: boolean }) {
  const model = useModel()
  const command = commandById(id)
  return (
    <button
      type="button"
      className={`button ${main ? 'main' : ''}`}
      onClick={() => runCommand(command, model)}
    >
      {command.title}
    </button>
  )
}
