/** Flow files by folder, and results that are kept. */
import { useEffect, useMemo, useState, type KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import type { FlowResultInfo, FlowRuns } from '../../../shared/contract/flows.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { ago, count, dateTime, plural } from '../../ui/format.ts'
import { useNow } from '../../ui/clock.ts'
import { ConfirmButton, Empty, Icon, Tabs } from '../../ui/kit.tsx'
import { addFlowSet, deleteFlow, openFlow } from './actions.ts'
import { isDirty, isNewDraft } from './editor.ts'
import { fileLines, type FileLine } from './file-lines.ts'
import { ExportMenu } from './export-menu.tsx'
import { runWord, statusSign, statusTone, statusWord } from './words.ts'

export function FilesPane() {
  const model = useModel()
  const flows = useStore(model.live, (state) => state.flowFiles)
  const results = useStore(model.live, (state) => state.flowRuns?.results.length)
  const [shelf, setShelf] = useState<'flows' | 'results'>('flows')
  useEffect(() => {
    // The folder is not watched: it is looked at when one comes here, and comes back to the window.
    const look = () => void model.host.call('flows.scan', undefined)
    look()
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [model])
  return (
    <aside className="flow-files" aria-label="Flows and results">
      <header>
        <Tabs
          label="Flows and results"
          tabs={[
            ['flows', `Flows${flows?.files ? ` (${count(flows.files.length)})` : ''}`],
            ['results', `Results${results === undefined ? '' : ` (${count(results)})`}`],
          ]}
          selected={shelf}
          onSelect={setShelf}
        />
      </header>
      {shelf === 'flows' ? <Files /> : <Results />}
    </aside>
  )
}

const fileColumns: readonly GridColumn<FileLine>[] = [
  {
    title: 'Flow',
    width: 'minmax(120px, 1fr)',
    cell: (line) => <FileName line={line} />,
    hint: (line) =>
      line.kind === 'file'
        ? [line.file.path, line.file.name, ...line.file.tags, ...line.file.requirements].join('\n')
        : undefined,
  },
  {
    title: 'Steps',
    width: '54px',
    right: true,
    cell: (line) =>
      line.kind === 'folder' ? (
        <span className="dim">{line.files}</span>
      ) : line.kind === 'file' && line.file.errors > 0 ? (
        <span className="bad">
          <Icon name="error" label={`${plural(line.file.errors, 'error')} in its text`} />
        </span>
      ) : (
        <span className="dim">{line.kind === 'file' ? line.file.steps : ''}</span>
      ),
  },
]

function FileName({ line }: { line: FileLine }) {
  const { editor } = useModel().flows
  const changed = useStore(editor, (state) =>
    state.slot === line.key ? isDirty(state) : state.drafts.some(({ slot }) => slot === line.key),
  )
  const current = useStore(editor, (state) => state.slot === line.key)
  return (
    <span className="flow-name" style={{ paddingLeft: line.depth * 12 }}>
      {line.kind === 'folder' && <Icon name={line.folded ? 'right' : 'down'} />}
      <span className={`cut ${line.kind === 'folder' ? 'dim' : ''} ${current ? 'is-open' : ''}`}>
        {line.name}
      </span>
      {changed && (
        <span className="warn" title="Changes that are not saved">
          ●<span className="only-read">changed</span>
        </span>
      )}
    </span>
  )
}

function Files() {
  const model = useModel()
  const { editor } = model.flows
  const flows = useStore(model.live, (state) => state.flowFiles)
  const drafts = useStore(editor, (state) => state.drafts)
  const open = useStore(editor, (state) => state.slot)
  const [search, setSearch] = useState('')
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [selected, setSelected] = useState<string>()
  const lines = useMemo(
    () =>
      fileLines(
        flows?.files ?? [],
        drafts.filter(({ slot }) => isNewDraft(slot)),
        search,
        folded,
      ),
    [flows?.files, drafts, search, folded],
  )
  const current = selected ?? (open || undefined)
  const line = lines.find(({ key }) => key === current)
  const fold = (key: string, on: boolean) => {
    const next = new Set(folded)
    if (on) next.add(key)
    else next.delete(key)
    setFolded(next)
  }
  const activate = async (one: FileLine) => {
    if (one.kind === 'folder') return fold(one.key, !one.folded)
    if (one.kind === 'draft') editor.openDraft(one.key)
    else if (one.key !== open) await openFlow(model, one.key)
    editor.focus()
  }
  const onKey = (event: KeyboardEvent): boolean => {
    if (!line) return false
    if (event.key === 'Enter') void activate(line)
    else if (event.key === 'ArrowRight' && line.kind === 'folder') fold(line.key, false)
    else if (event.key === 'ArrowLeft' && line.kind === 'folder') fold(line.key, true)
    else if (event.key === 'F2' && line.kind === 'file')
      void openFlow(model, line.key).then(() => model.show('flow-rename'))
    else return false
    return true
  }
  return (
    <>
      <div className="flow-search">
        <input
          id="flows-filter"
          className="input"
          type="search"
          aria-label="Search flows"
          placeholder="Name, tag, requirement"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {flows?.files && lines.length === 0 ? (
        <Empty
          action={
            search === '' ? (
              <button type="button" className="button" onClick={() => void addFlowSet(model, 'starter')}>
                Add the starter flows
              </button>
            ) : undefined
          }
        >
          {search === ''
            ? 'Flows stand here, as files in the workspace: write one, record one from packets, or begin with the starter set.'
            : `No flow has these words: ${search}`}
        </Empty>
      ) : (
        <Grid
          id="flow-files"
          label="Flows"
          columns={fileColumns}
          rows={lines}
          keyOf={(one) => one.key}
          selected={current}
          onSelect={(one) => {
            setSelected(one.key)
            if (one.kind === 'file' && one.key !== open) void openFlow(model, one.key)
            if (one.kind === 'draft' && one.key !== open) editor.openDraft(one.key)
          }}
          onKey={onKey}
        />
      )}
      {(flows?.more ?? 0) > 0 && (
        <p className="warn flow-note">{count(flows?.more ?? 0)} more files are not listed.</p>
      )}
      <footer>
        <button
          type="button"
          className="button"
          onClick={() => {
            setSelected(undefined)
            runCommand(commandById('flows.new'), model)
          }}
        >
          New
        </button>
        <FileButtons line={line} onGone={() => setSelected(undefined)} />
      </footer>
    </>
  )
}

function FileButtons({ line, onGone }: { line: FileLine | undefined; onGone: () => void }) {
  const model = useModel()
  if (line?.kind === 'draft')
    return (
      <ConfirmButton
        question="Throw it away?"
        onConfirm={() => {
          model.flows.editor.discard(line.key)
          onGone()
        }}
      >
        Discard
      </ConfirmButton>
    )
  if (line?.kind !== 'file') return null
  const run = (id: string) => () => void runCommand(commandById(id), model)
  return (
    <>
      <button type="button" className="button" title="F2" onClick={run('flows.rename')}>
        Rename
      </button>
      <button type="button" className="button" onClick={run('flows.duplicate')}>
        Duplicate
      </button>
      <ConfirmButton
        question="Delete it?"
        onConfirm={() => {
          void deleteFlow(model, line.key)
          onGone()
        }}
      >
        Delete
      </ConfirmButton>
    </>
  )
}

/** A result that is kept, or a run that goes on: also one of another window or of the command line. */
type ResultLine = Pick<FlowResultInfo, 'id' | 'name' | 'device' | 'status' | 'startedAt'> & {
  readonly word: string
}

function resultLines(flows: FlowRuns | undefined): ResultLine[] {
  const running = (flows?.runs ?? []).filter(({ status }) => status === 'running')
  return [
    ...running.toReversed().map((run) => ({ ...run, word: runWord(run) })),
    ...(flows?.results ?? []).map((result) => ({ ...result, word: statusWord[result.status] })),
  ]
}

function Results() {
  const model = useModel()
  const flows = useStore(model.live, (state) => state.flowRuns)
  const shown = useStore(model.flows.runs, (state) => state.shown)
  const now = useNow()
  const columns = useMemo(
    (): readonly GridColumn<ResultLine>[] => [
      {
        title: '',
        width: '34px',
        cell: ({ status, word }) => (
          <span className={statusTone[status]}>
            <span className="only-read">{word}</span>
            <span aria-hidden="true">{statusSign[status]}</span>
          </span>
        ),
        hint: ({ word }) => word,
      },
      {
        title: 'Flow',
        width: 'minmax(64px, 1fr)',
        cell: ({ name }) => name,
        hint: ({ name, device, startedAt, word }) => `${name}: ${word}\n${device}\n${dateTime(startedAt)}`,
      },
      {
        title: 'When',
        width: '76px',
        right: true,
        // Of a run that goes on: whether it waits for somebody.
        cell: ({ status, word, startedAt }) =>
          status === 'running' ? <span className={statusTone[status]}>{word}</span> : ago(startedAt, now),
      },
    ],
    [now],
  )
  const lines = resultLines(flows)
  const kept = (flows?.results ?? []).map(({ id }) => id)
  const remove = async (id: string) => {
    if (shown === id) model.flows.runs.hide()
    await model.run('flows.deleteResult', { id })
  }
  if (flows && lines.length === 0)
    return <Empty>Each run leaves a result here; the newest 300 are kept.</Empty>
  return (
    <>
      <Grid
        id="flow-files"
        label="Results"
        columns={columns}
        rows={lines}
        keyOf={({ id }) => id}
        selected={shown}
        onSelect={({ id }) => model.flows.runs.show(id)}
      />
      <footer>
        <button
          type="button"
          className="button"
          disabled={kept.length === 0}
          onClick={() => model.show('flow-matrix')}
        >
          By device
        </button>
        <ExportMenu ids={kept} label="Report of all" />
        <ConfirmButton
          question="Delete it?"
          disabled={shown === undefined || !kept.includes(shown)}
          onConfirm={() => shown !== undefined && void remove(shown)}
        >
          Delete
        </ConfirmButton>
      </footer>
    </>
  )
}
