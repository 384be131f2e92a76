/** The faces of Japanese and Korean, in slices by character. */
import '@fontsource-variable/noto-sans-jp/wght.css'
import '@fontsource-variable/noto-sans-kr/wght.css'
