/** Mediums that mean a paid click, written without separators: `paid_social`, `paid-social` and `PaidSocial` are one. */
export const paidMediums: ReadonlySet<string> = new Set(
  `cpc ppc cpm cpv cpa cpl cpi cpp cpe ecpc paid paidsocial paidsearch paidvideo paiddisplay paidshopping display banner
   expandable interstitial retargeting remarketing pmax performancemax sem adwords ads ad sponsored promoted native
   programmatic rtb dsp`.split(/\s+/),
);

/** Paid mediums whose channel is Display wherever they ran: Google's five and their synonyms. */
export const displayMediums: ReadonlySet<string> = new Set(
  "display banner expandable interstitial cpm paiddisplay native programmatic rtb dsp".split(" "),
);
