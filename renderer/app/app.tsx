/** The whole window: frame, the view of the place one is at, and what lies over it. */
import { Suspense, useEffect, useLayoutEffect, useState } from 'react'
import { useStore } from 'zustand'
import { DropZone } from '../features/captures/drop-zone.tsx'
import { keyedCommands, runCommand } from './commands.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { Footer } from './footer.tsx'
import { Header } from './header.tsx'
import { chordOf, createKeyReader, isOwnKey } from './keys.ts'
import { takesPassword } from '../host/login.ts'
import { LinkBar } from './link-bar.tsx'
import { LoginPage } from './login-page.tsx'
import { ModelProvider, useModel, type Model } from './model.ts'
import { Navigation } from './navigation.tsx'
import { Notices } from './notices-list.tsx'
import { sheets } from './sheets.ts'
import { useTheme } from './theme.ts'
import { views } from './views.tsx'
import './frame.css'

export function App({ model }: { model: Model }) {
  return (
    <ModelProvider value={model}>
      <Door />
    </ModelProvider>
  )
}

/** A bench that is served to other machines asks a page it does not know for a password. */
function Door() {
  const { live } = useModel()
  const refused = useStore(live, (state) => state.link === 'refused')
  const [asks, setAsks] = useState(false)
  useEffect(() => {
    if (refused) void takesPassword().then(setAsks)
  }, [refused])
  return refused && asks ? <Locked /> : <Frame />
}

function Locked() {
  const theme = useTheme()
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  return <LoginPage />
}

function Frame() {
  const model = useModel()
  const place = useStore(model.frame, (state) => state.place)
  const overlay = useStore(model.frame, (state) => state.overlay)
  const theme = useTheme()
  const View = views[place]
  const Sheet = sheets[overlay]

  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  useKeys(model)
  useUnexpectedErrors(model)

  return (
    <div className="frame">
      <Header />
      <Navigation />
      <main className="place" aria-label={place}>
        <LinkBar />
        <ErrorBoundary key={place} onError={model.notices.getState().unexpected}>
          <Suspense fallback={<div className="view-loading" aria-busy="true" />}>
            <View />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Footer />
      {Sheet && (
        <Suspense fallback={null}>
          <Sheet />
        </Suspense>
      )}
      <DropZone />
      <Notices />
    </div>
  )
}

function useKeys(model: Model): void {
  useEffect(() => {
    const read = createKeyReader(keyedCommands)
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || model.frame.getState().overlay !== 'none') return
      if (isOwnKey(event.target, chordOf(event))) return
      const command = read(event)
      if (command && runCommand(command, model)) event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [model])
}

function useUnexpectedErrors(model: Model): void {
  useEffect(() => {
    const { unexpected } = model.notices.getState()
    const onError = (event: ErrorEvent) => {
      // Chromium reports a delayed resize notice as an error; nothing is wrong then.
      if (!event.message.startsWith('ResizeObserver loop')) unexpected(event.error ?? event.message)
    }
    const onRejection = (event: PromiseRejectionEvent) => unexpected(event.reason)
    window.addEventListener('error', onError)
    window.addEventListener('unhandledrejection', onRejection)
    return () => {
      window.removeEventListener('error', onError)
      window.removeEventListener('unhandledrejection', onRejection)
    }
  }, [model])
}
