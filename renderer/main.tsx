/** Where the renderer starts: a host, a model of it, and the window that shows it. */
import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './ui/theme.css'
import './ui/kit.css'
import './ui/fields.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { createModel } from './app/model.ts'
import { bringFile, connect } from './host/connect.ts'

const root = document.getElementById('root')
if (!root) throw new Error('The page has no element with the id "root".')
createRoot(root).render(<App model={createModel(connect(), window.localStorage, bringFile)} />)
