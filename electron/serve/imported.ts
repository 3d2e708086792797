/** Uploaded files go when their import has ended: an engine that keeps an eye on the imports it is asked for. */
import type { ServedEngine } from '../../shared/contract/server.ts'

export interface WatchedEngine {
  readonly engine: ServedEngine
  stop(): void
}

/** `forget` is called with the paths of each import, its key log too, when it is done, failed or was stopped. */
export function watchImports(engine: ServedEngine, forget: (path: string) => void): WatchedEngine {
  const paths = new Map<string, readonly string[]>()
  /** Ends the watch over the jobs; there is one only while an import is awaited. */
  let stop: (() => void) | undefined
  const look = (): void => {
    const running = new Set(
      engine.current('jobs').flatMap(({ id, state }) => (state === 'running' ? id : [])),
    )
    for (const [job, files] of paths) {
      if (running.has(job)) continue
      paths.delete(job)
      files.forEach(forget)
    }
    if (paths.size > 0) return
    stop?.()
    stop = undefined
  }
  return {
    engine: {
      views: engine.views,
      current: (name) => engine.current(name),
      on: (name, listener) => engine.on(name, listener),
      handlers: {
        ...engine.handlers,
        async 'captures.import'(request) {
          const answer = await engine.handlers['captures.import'](request)
          paths.set(
            answer.job,
            [request.path, request.keyLog].filter((path) => path !== undefined),
          )
          stop ??= engine.on('jobs', look)
          look()
          return answer
        },
      },
    },
    stop: () => stop?.(),
  }
}
