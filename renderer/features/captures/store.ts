/** Which capture the cursor is on, and what is being imported or exported. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Request } from '../../../shared/contract/contract.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { CaptureId, CaptureInfo, Job } from '../../../shared/contract/model.ts'
import { ok, type Result } from '../../../shared/contract/result.ts'
import type { LiveStore } from '../../app/live.ts'
import type { Upload } from '../../host/upload.ts'

/** A file to import: on the bench's machine already, or in this browser. */
export type ImportFile =
  { readonly name: string; readonly path: string } | { readonly name: string; readonly file: File }

export interface ImportWish {
  readonly file: ImportFile | undefined
  readonly keyLog: ImportFile | undefined
}

export interface CapturesState {
  readonly selected: CaptureId | undefined
  readonly importing: ImportWish
  /** What the export dialog is about. */
  readonly exporting: CaptureId
  /** File on its way to the bench, and how far, 0 … 1. */
  readonly uploading: { readonly name: string; readonly part: number } | undefined
  /** The list of jobs is unfolded. */
  readonly trayOpen: boolean
}

export interface CapturesModel extends StoreApi<CapturesState> {
  readonly select: (id: CaptureId | undefined) => void
  readonly open: (id: CaptureId) => Promise<Result<void>>
  /** Sends the files chosen to the bench where needed, and imports. */
  readonly startImport: (name: string) => Promise<Result<void>>
  readonly startExport: (request: Request<'captures.export'>) => Promise<Result<void>>
  readonly close: () => void
}

export const noImport: ImportWish = { file: undefined, keyLog: undefined }

/** `opened` is told of a capture that this window wanted to see, once it can be. */
export function createCaptures(
  host: Host,
  live: LiveStore,
  upload: Upload,
  opened: (id: CaptureId) => void,
): CapturesModel {
  const store = createStore<CapturesState>(() => ({
    selected: undefined,
    importing: noImport,
    exporting: 'live',
    uploading: undefined,
    trayOpen: false,
  }))
  /** Jobs whose capture is to be shown when they are done. */
  const awaited = new Set<string>()

  function showWhenDone(job: string): void {
    awaited.add(job)
    follow(live.getState().jobs)
  }
  function follow(jobs: readonly Job[]): void {
    for (const { id, kind, state, capture } of jobs) {
      if (state === 'running' || !awaited.delete(id)) continue
      if (state === 'failed') store.setState({ trayOpen: true })
      if (state !== 'done' || capture === undefined) continue
      opened(capture)
      // It is open and in sight: there is no more to say.
      if (kind === 'open') void host.call('jobs.dismiss', { id })
    }
  }
  async function bring(file: ImportFile): Promise<Result<string>> {
    if ('path' in file) return ok(file.path)
    store.setState({ uploading: { name: file.name, part: 0 } })
    const answer = await upload(file.file, (part) => store.setState({ uploading: { name: file.name, part } }))
    store.setState({ uploading: undefined })
    return answer
  }
  const end = live.subscribe((state, old) => {
    if (state.jobs !== old.jobs) follow(state.jobs)
    const { selected } = store.getState()
    const gone = selected !== undefined && state.captures?.every(({ id }) => id !== selected)
    if (gone) store.setState({ selected: undefined })
  })

  return Object.assign(store, {
    select: (selected: CaptureId | undefined) => store.setState({ selected }),
    async open(id: CaptureId): Promise<Result<void>> {
      const info = live.getState().captures?.find((capture) => capture.id === id)
      if (info && isViewable(info)) {
        opened(viewId(info))
        return ok(undefined)
      }
      const answer = await host.call('captures.open', { id })
      if (!answer.ok) return answer
      showWhenDone(answer.value.job)
      return ok(undefined)
    },
    async startImport(name: string): Promise<Result<void>> {
      const { file, keyLog } = store.getState().importing
      if (!file) return ok(undefined)
      const path = await bring(file)
      if (!path.ok) return path
      const log = keyLog && (await bring(keyLog))
      if (log && !log.ok) return log
      // The path may be that of an upload, which has a name of its own; a bundle brings one along.
      const ofFile = file.name.replace(/\.(pcap|pcapng|cap)(\.gz)?$/i, '')
      const wanted = name.trim() || (/\.zip$/i.test(ofFile) ? '' : ofFile)
      const answer = await host.call('captures.import', {
        path: path.value,
        ...(wanted !== '' && { name: wanted }),
        ...(log && { keyLog: log.value }),
      })
      if (!answer.ok) return answer
      store.setState({ importing: noImport })
      showWhenDone(answer.value.job)
      return ok(undefined)
    },
    async startExport(request: Request<'captures.export'>): Promise<Result<void>> {
      const answer = await host.call('captures.export', request)
      if (!answer.ok) return answer
      store.setState({ trayOpen: true })
      return ok(undefined)
    },
    close: end,
  })
}

/** There is a tab for it, or can be at once. */
export const isViewable = ({ state }: CaptureInfo): boolean => state === 'live' || state === 'open'

/** What views and packets call it: the live one goes by that name, whatever its folder is called. */
export const viewId = ({ id, state }: CaptureInfo): CaptureId => (state === 'live' ? 'live' : id)
