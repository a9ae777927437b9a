/** Lots along two roads and a canal, drawn as a cadastral sheet would; decoration only. */
export function ParcelPattern() {
  return (
    <svg
      className="parcel-pattern"
      viewBox="0 0 600 900"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <g className="lots">
        <path d="M-20 60 96 44 118 196-20 214Z" />
        <path d="M108 42 232 26 246 118 122 134Z" />
        <path d="M124 146 248 130 256 178 130 194Z" />
        <path d="M244 24 372 8 392 158 266 176Z" />
        <path className="low" d="M384 6 470-4 484 86 396 98Z" />
        <path d="M398 110 486 98 494 146 404 157Z" />
        <path d="M482-6 640-26 640 124 506 144Z" />
        <path d="M-20 262 60 252 82 402-20 416Z" />
        <path d="M72 250 190 234 200 306 82 322Z" />
        <path d="M84 334 202 318 212 384 94 400Z" />
        <path className="fine" d="M202 232 330 215 352 366 224 383Z" />
        <path d="M342 213 420 203 442 353 364 364Z" />
        <path d="M432 201 524 189 533 250 441 262Z" />
        <path d="M443 274 535 262 546 339 454 352Z" />
        <path d="M536 187 640 173 640 326 558 337Z" />
        <path d="M-20 466 92 450 106 548-20 566Z" />
        <path d="M-20 578 108 560 116 618-20 638Z" />
        <path d="M104 448 226 432 252 602 128 618Z" />
        <path d="M238 430 316 420 326 490 248 500Z" />
        <path className="low" d="M250 512 328 502 342 590 264 600Z" />
        <path d="M328 418 470 399 494 568 354 588Z" />
        <path d="M482 397 640 376 640 446 491 466Z" />
        <path d="M493 478 640 458 640 548 506 566Z" />
        <path d="M-20 690 118 672 140 826-20 848Z" />
        <path d="M130 670 208 660 218 732 140 742Z" />
        <path d="M142 754 220 744 230 814 152 824Z" />
        <path d="M220 658 362 639 384 794 242 812Z" />
        <path d="M374 637 448 628 470 782 396 792Z" />
        <path className="fine" d="M460 626 560 613 570 684 470 697Z" />
        <path d="M472 709 572 696 582 768 482 780Z" />
        <path d="M572 611 640 602 640 760 594 766Z" />
        <path d="M-20 890 640 804 640 920-20 920Z" />
      </g>
      <path className="canal" d="M-20 654C120 632 210 634 330 612S560 590 640 574" />
    </svg>
  );
}
