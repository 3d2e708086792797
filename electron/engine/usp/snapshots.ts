/** Snapshots as jobs, and comparisons of what is kept with what a device holds now. */
import type { HandlersOf } from '../../../shared/contract/command.ts'
import type { Compared, Snapshot, snapshotCommands } from '../../../shared/contract/snapshots.ts'
import { difference, supportedBelow } from '../../../shared/usp/dm/difference.ts'
import type { Jobs, Running } from '../capture/jobs.ts'
import type { Models } from './models.ts'
import type { SnapshotStore } from './snapshot-store.ts'

const WHOLE = ['Device.']

export interface SnapshotsOptions {
  readonly models: Models
  readonly store: SnapshotStore
  readonly jobs: Pick<Jobs, 'start'>
  /** Ends the requests under way of a call. */
  readonly cancel: (call: string) => void
  readonly softwareVersion: (endpointId: string) => string | undefined
}

interface Reading {
  readonly endpointId: string
  readonly paths: readonly string[]
  readonly name: string
  readonly note: string
  readonly call?: string | undefined
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: number) => void
}

export function snapshotHandlers(options: SnapshotsOptions): HandlersOf<typeof snapshotCommands> {
  const { models, store, jobs, cancel, softwareVersion } = options
  let lastCall = 0

  /** The supported model is read with it, when it was never read: without it types cannot be compared. */
  async function read({ signal, onProgress, ...wish }: Reading): Promise<Snapshot> {
    const { endpointId, paths, name, note, call } = wish
    const known = await models.get(endpointId).catch(() => undefined)
    // Between two readings there is nothing that a call could be cancelled in.
    signal?.throwIfAborted()
    const model = known ?? (await models.refresh({ endpointId, call }))
    signal?.throwIfAborted()
    const { takenAt, values, failures } = await models.values({
      endpointId,
      paths,
      maxDepth: 0,
      call,
      ...(onProgress && { onProgress }),
    })
    const version = softwareVersion(endpointId)
    return {
      name,
      note,
      endpointId,
      ...(version === undefined ? {} : { softwareVersion: version }),
      takenAt,
      paths,
      failures,
      values,
      supported: supportedBelow(model.objects, paths),
    }
  }

  async function take(wish: Reading, { signal, onProgress }: Running) {
    const call = `snapshot-${++lastCall}`
    const stop = (): void => cancel(call)
    signal.addEventListener('abort', stop)
    try {
      const info = await store.add(await read({ ...wish, call, signal, onProgress }))
      const failed = info.failures === 0 ? '' : ` ${info.failures} parts could not be read: it says which.`
      return { message: `${info.values} values.${failed}` }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async function side(
    compared: Compared,
    paths: readonly string[],
    call: string | undefined,
  ): Promise<Snapshot> {
    if (compared.kind === 'snapshot') return store.get(compared.id)
    const { endpointId } = compared
    if (compared.kind === 'device') return read({ endpointId, paths, name: 'Now', note: '', call })
    const { softwareVersion: version } = compared
    const model = await models.ofVersion(endpointId, version)
    const head = { name: `Software ${version}`, note: '', endpointId, softwareVersion: version }
    // No values: paths that nothing is below.
    return { ...head, takenAt: model.readAt, paths: [], failures: [], values: [], supported: model.objects }
  }

  return {
    'model.takeSnapshot'(wish) {
      const title = `Snapshot of ${wish.endpointId}${wish.name === '' ? '' : `: ${wish.name}`}`
      return { job: jobs.start('snapshot', title, {}, (running) => take(wish, running)) }
    },
    'model.snapshot': ({ id }) => store.get(id),
    'model.renameSnapshot': ({ id, name, note }) => store.rename(id, name, note),
    'model.deleteSnapshot': ({ id }) => store.delete(id),
    'model.listSnapshots': () => store.scan(),
    async 'model.versions'({ endpointId }) {
      return (await models.versions(endpointId)).map(({ softwareVersion: version = '', readAt }) => ({
        softwareVersion: version,
        readAt,
      }))
    },
    async 'model.compare'({ left, right, call }) {
      // What is kept first: it says what the device has to be asked.
      const kept = left.kind === 'device' ? undefined : await side(left, WHOLE, call)
      const other = await side(right, kept && kept.paths.length > 0 ? kept.paths : WHOLE, call)
      const first = kept ?? (await side(left, other.paths.length > 0 ? other.paths : WHOLE, call))
      return difference(first, other)
    },
  }
}
