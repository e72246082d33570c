import 'element-plus/dist/index.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/tokens.css'
import './styles/base.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { createHost, HOST } from './api/host.ts'
import { prefetch } from './lib/prefetch.ts'
import { createPageRouter, screenParts } from './router.ts'
import { useEngineStore } from './stores/engine.ts'
import { useJobsStore } from './stores/jobs.ts'
import { useNoticesStore } from './stores/notices.ts'
import { usePreferencesStore } from './stores/preferences.ts'
import { useProjectStore } from './stores/project.ts'
import { useStepsStore } from './stores/steps.ts'

const app = createApp(App)
app.provide(HOST, createHost())
app.use(createPinia())

usePreferencesStore().apply()
useEngineStore().listen()
const project = useProjectStore()
const notices = useNoticesStore()
app.config.errorHandler = (error) => {
  notices.fail('Something went wrong on this screen', error)
  // For the console.
  reportError(error)
}

// A reload in the middle of work must find its screen again, so the open project is known before the first route.
void project
  .load()
  .catch((error: unknown) => notices.fail('The engine does not answer', error))
  .then(() => {
    useJobsStore().listen()
    useStepsStore().follow()
    const router = createPageRouter(() => project.isOpen)
    app.use(router)
    app.mount('#app')
    void prefetch([...screenParts(router), () => import('./lib/charts.ts')])
  })
