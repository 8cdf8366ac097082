// The description as a page, with Swagger UI: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/
import { keepToken, takeToken } from '/assets/token.js';

const field = document.querySelector('#token');
const state = document.querySelector('#token-state');

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

showToken(takeToken());
document.querySelector('#token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  keepToken(field.value.trim());
  showToken(takeToken());
});

if (globalThis.SwaggerUIBundle === undefined) {
  document.querySelector('#api').innerHTML =
    '<p>This installation has no renderer. <a href="/openapi.json">openapi.json</a> has all that this page shows.</p>';
} else {
  globalThis.SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#api',
    presets: [globalThis.SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    displayRequestDuration: true,
    // It would be asked for a badge, and told of this description.
    validatorUrl: null,
    requestInterceptor(request) {
      const token = takeToken();
      if (token !== '' && new URL(request.url, location.href).origin === location.origin)
        request.headers.Authorization ??= `Bearer ${token}`;
      return request;
    },
  });
}

/** Says whether there is one; the token itself is shown nowhere. */
function showToken(token) {
  field.value = '';
  field.placeholder = token === '' ? 'from the token file' : 'kept for this tab';
  state.textContent = token === '' ? 'needed to try calls out' : 'in use';
}
