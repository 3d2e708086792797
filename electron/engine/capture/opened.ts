/** Stored captures that are looked at: each has a worker of its own, off the broker's thread. */
import { basename } from 'node:path'
import type { Request } from '../../../shared/contract/contract.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { CaptureFacts } from './capture-file.ts'
import type { ContentChoice } from '../../../shared/dissect/content/choices.ts'
import type { Catalog, Stored } from './catalog.ts'
import { ImportPool, isWorthThreads } from './import-pool.ts'
import type { Jobs, Running, Told } from './jobs.ts'
import { writeEvidence } from './evidence.ts'
import { type Watch, WorkerLink } from './link.ts'
import type { Loaded, WorkerSettings } from './protocol.ts'

export interface OpenedOptions {
  readonly workerUrl: URL
  readonly segmentBytes: number
  readonly catalog: Catalog
  readonly jobs: Jobs
  /** State or facts of a capture changed. */
  readonly changed: () => void
  /** A capture that was looked at may be dropped again. */
  readonly closed: () => void
  /** Rules of the linter that are not to be seen. */
  readonly suppressed: () => readonly string[]
  readonly onProblem: (text: string) => void
  /** Content views chosen by hand. */
  readonly contents: () => readonly ContentChoice[]
}

/** Each costs a thread and the memory of its index. */
const MAX_OPEN = 8
const MAX_REMARK = 10_000

export class OpenedCaptures {
  readonly #options: OpenedOptions
  readonly #links = new Map<string, WorkerLink>()
  readonly #pool: ImportPool

  constructor(options: OpenedOptions) {
    this.#options = options
    this.#pool = new ImportPool(options.workerUrl)
  }

  /** BenchFailure `not-found`, or `conflict` when it is not open. */
  link(id: string): WorkerLink {
    const { facts, state } = this.#options.catalog.get(id)
    const link = this.#links.get(id)
    if (link !== undefined && state === 'open') return link
    const why = state === 'opening' ? 'is still being read' : 'is not open: open it first'
    throw new BenchFailure('conflict', `The capture “${facts.name}” ${why}.`)
  }

  /** Answers the job that reads it in. BenchFailure `not-found` or `conflict`. */
  open(id: string): string {
    const { catalog, jobs } = this.#options
    const stored = catalog.get(id)
    if (stored.state === 'opening') throw new BenchFailure('conflict', 'The capture is being read already.')
    this.#checkRoom(id)
    const { name, marks } = stored.facts
    const job = jobs.start('open', `Open ${name}`, { capture: id }, (running) =>
      this.#read(stored, { mode: 'stored', folder: stored.folder, marks }, running, (link, watch) =>
        link.call('load', undefined, watch),
      ),
    )
    stored.state = 'opening'
    return job
  }

  /** Answers the job that reads a file into a new capture, which is open then. BenchFailure `conflict`. */
  import({ path, name, keyLog }: Request<'captures.import'>): string {
    this.#checkRoom('')
    const { catalog, jobs, segmentBytes } = this.#options
    const file = basename(path)
    const request = { file: path, ...(keyLog !== undefined && { keyLog }) }
    return jobs.start('import', `Import ${file}`, {}, async (running) => {
      const stored = await catalog.make({ name: name ?? file, importedFrom: file }, 'opening')
      const target = { folder: stored.folder, segmentBytes }
      // They begin while the worker of the capture still loads.
      const threads = isWorthThreads(path) ? this.#pool.start(request, target) : undefined
      const settings = {
        mode: 'import',
        request,
        ...target,
        ...(threads && { threads: threads.ports }),
      } as const
      try {
        const told = await this.#read(
          stored,
          settings,
          running,
          (link, watch) => link.call('import', undefined, watch),
          async (loaded) => {
            const { evidence } = loaded.bundle ?? {}
            if (evidence) await writeEvidence(stored.folder, evidence)
            return importedFacts(loaded, name)
          },
        )
        threads?.finish()
        return told
      } catch (error) {
        const why = await threads?.cancel()
        await catalog.remove(stored)
        throw why ?? error
      }
    })
  }

  /** The rules that are not to be seen changed. */
  async suppress(): Promise<void> {
    const rules = this.#options.suppressed()
    const open = [...this.#links].filter(([id]) => this.#options.catalog.find(id)?.state === 'open')
    await Promise.all(open.map(([, link]) => link.call('suppress', { rules })))
  }

  async close(id: string): Promise<void> {
    const link = this.#links.get(id)
    if (link === undefined) return
    this.#links.delete(id)
    await link.stop()
    const stored = this.#options.catalog.find(id)
    if (stored !== undefined) stored.state = 'stored'
    this.#options.changed()
    this.#options.closed()
  }

  contentsChanged(): void {
    for (const link of this.#links.values()) link.tellContents(this.#options.contents())
  }

  async closeAll(): Promise<void> {
    await Promise.all([this.#pool.close(), ...[...this.#links.keys()].map((id) => this.close(id))])
  }

  #checkRoom(id: string): void {
    if (this.#links.has(id)) throw new BenchFailure('conflict', 'The capture is open already.')
    if (this.#links.size < MAX_OPEN) return
    throw new BenchFailure('conflict', `${MAX_OPEN} captures are open already: close one first.`)
  }

  /** Gives a capture a worker and has it read what is there. */
  async #read(
    stored: Stored,
    settings: WorkerSettings,
    running: Running,
    load: (link: WorkerLink, watch: Watch) => Promise<Loaded>,
    factsOf: (loaded: Loaded) => Promise<Partial<CaptureFacts>> = async () => ({}),
  ): Promise<Told> {
    const { workerUrl, catalog, changed } = this.#options
    const { id } = stored
    try {
      const lost = (why: string) => this.#lost(stored, why)
      const link = await WorkerLink.start(workerUrl, settings, { lost })
      this.#links.set(id, link)
      link.tellContents(this.#options.contents())
      changed()
      const loaded = await load(link, running)
      const { rows } = loaded
      await link.call('suppress', { rules: this.#options.suppressed() })
      stored.state = 'open'
      catalog.measure(stored)
      const remark = remarkOf(loaded)
      const facts = await factsOf(loaded)
      await catalog.change(stored, {
        ...stored.facts,
        rows,
        ...facts,
        ...(remark !== '' && { remark }),
      })
      return { capture: id, message: remark === '' ? `${rows} rows` : `${rows} rows. ${remark}` }
    } catch (error) {
      await this.close(id)
      stored.state = 'stored'
      throw error
    } finally {
      changed()
    }
  }

  #lost(stored: Stored, why: string): void {
    this.#links.delete(stored.id)
    stored.state = 'stored'
    const { name } = stored.facts
    this.#options.onProblem(`The worker of the capture “${name}” ended (${why}): open it again.`)
    this.#options.changed()
  }
}

function remarkOf({ remarks, bundle }: Loaded): string {
  const { filter } = bundle ?? {}
  const all =
    filter === undefined ? remarks : [`The bundle holds the packets that matched: ${filter}.`, ...remarks]
  return all.join(' ').slice(0, MAX_REMARK)
}

/** What is known of an imported capture; `wanted` is the name that the person gave it. */
function importedFacts(
  { from, to, marks = [], bundle = {} }: Loaded,
  wanted?: string,
): Partial<CaptureFacts> {
  const { name, note, filter, evidence } = bundle
  return {
    marks,
    ...(from !== undefined && { startedAt: from }),
    ...(to !== undefined && { endedAt: to }),
    ...(name !== undefined && wanted === undefined && { name }),
    ...(note !== undefined && { note }),
    ...(filter !== undefined && { filter }),
    ...(evidence && { evidence: true }),
  }
}
