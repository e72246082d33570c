declare module 'svg-to-pdfkit' {
  /** Draws an SVG into a pdfkit document, `x` and `y` in points. */
  export default function svgToPdf(
    document: PDFKit.PDFDocument,
    svg: string,
    x: number,
    y: number,
    options: {
      readonly assumePt: boolean
      readonly fontCallback: (family: string, bold: boolean, italic: boolean) => string
      readonly imageCallback: (link: string) => string
      readonly warningCallback: (sentence: string) => void
    },
  ): void
}
