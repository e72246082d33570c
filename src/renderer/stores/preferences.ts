import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { recall, remember } from '../lib/storage.ts'

const THEMES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEMES)[number]

/** What the user likes, remembered between starts. */
export const usePreferencesStore = defineStore('preferences', () => {
  const remembered = recall('theme')
  const theme = ref<ThemeChoice>(THEMES.find((name) => name === remembered) ?? 'system')
  const systemIsDark = ref(false)
  const isDark = computed(() => (theme.value === 'system' ? systemIsDark.value : theme.value === 'dark'))

  /** Puts the theme on the page, now and whenever it changes. */
  function apply(): void {
    const query = matchMedia('(prefers-color-scheme: dark)')
    systemIsDark.value = query.matches
    query.addEventListener('change', ({ matches }) => (systemIsDark.value = matches))
    watch(isDark, (dark) => document.documentElement.classList.toggle('dark', dark), { immediate: true, flush: 'sync' })
    watch(theme, (choice) => remember('theme', choice))
  }

  function toggleTheme(): void {
    theme.value = isDark.value ? 'light' : 'dark'
  }

  return { theme, isDark, apply, toggleTheme }
})
