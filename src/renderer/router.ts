import { createRouter, createWebHashHistory, type RouterHistory, type Router } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** Of the window, the navigation and the heading. */
    title: string
    /** Shown only while a project is open. */
    needsProject: boolean
  }
}

/** The screens; each is loaded when it is first shown. */
export function createPageRouter(hasProject: () => boolean, history: RouterHistory = createWebHashHistory()): Router {
  const router = createRouter({
    history,
    routes: [
      {
        path: '/',
        name: 'start',
        meta: { title: 'Start', needsProject: false },
        component: () => import('./views/start/StartView.vue'),
      },
      {
        path: '/new-project',
        name: 'new-project',
        meta: { title: 'New project', needsProject: false },
        component: () => import('./views/new-project/NewProjectView.vue'),
      },
      {
        path: '/model',
        name: 'model',
        meta: { title: 'Model', needsProject: true },
        component: () => import('./views/model/ModelView.vue'),
      },
      {
        path: '/responses',
        name: 'responses',
        meta: { title: 'Responses', needsProject: true },
        component: () => import('./views/responses/ResponsesView.vue'),
      },
      {
        path: '/selection',
        name: 'selection',
        meta: { title: 'Selection', needsProject: true },
        component: () => import('./views/selection/SelectionView.vue'),
      },
      {
        path: '/ablation',
        name: 'ablation',
        meta: { title: 'Ablation', needsProject: true },
        component: () => import('./views/ablation/AblationView.vue'),
      },
      {
        // The feature is a column of the extracted responses; without it, all of them.
        path: '/features/:feature(\\d+)?',
        name: 'features',
        meta: { title: 'Features', needsProject: true },
        component: () => import('./views/features/FeaturesView.vue'),
      },
      {
        // The image is an id such as `test/17`.
        path: '/explain/:role(train|test|added)?/:index(\\d+)?',
        name: 'explain',
        meta: { title: 'Explain', needsProject: true },
        component: () => import('./views/explain/ExplainView.vue'),
      },
      {
        path: '/evaluate',
        name: 'evaluate',
        meta: { title: 'Evaluate', needsProject: true },
        component: () => import('./views/evaluate/EvaluateView.vue'),
      },
      {
        path: '/figures',
        name: 'figures',
        meta: { title: 'Figures', needsProject: true },
        component: () => import('./views/figures/FiguresView.vue'),
      },
      { path: '/:anything(.*)*', redirect: '/' },
    ],
  })
  router.beforeEach(({ meta }) => (meta.needsProject && !hasProject() ? { name: 'start' } : true))
  return router
}

/** What loads the program of each screen, in the order of the navigation. */
export function screenParts(router: Router): (() => Promise<unknown>)[] {
  return router.getRoutes().flatMap(({ components }) => {
    const load = components?.['default']
    return typeof load === 'function' ? [load as () => Promise<unknown>] : []
  })
}
