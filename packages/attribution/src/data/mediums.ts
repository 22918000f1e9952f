/** Mediums that mean a paid click, written without separators: `paid_social`, `paid-social` and `PaidSocial` are one. */
export const paidMediums: ReadonlySet<string> = new Set(
  `cpc ppc cpm vcpm ecpm ocpm cpv cpcv cpa cpl cpi cpp cpe cps cpd ecpc paid paidsocial paidsearch paidvideo paiddisplay
   paidshopping display gdn banner expandable interstitial retargeting remarketing pmax performancemax demandgen
   crossnetwork sem sea adwords ads ad advertising sponsored promoted native programmatic rtb dsp ctv ott preroll`.split(
    /\s+/,
  ),
);

/** Words that make a medium a paid one wherever they stand in it: `social-ads`, `cpc_brand`, `google display`. */
export const paidWords: ReadonlySet<string> = new Set(
  "cpc ppc cpm cpv cpa cpl paid ads display retargeting remarketing pmax".split(" "),
);

/** Paid mediums whose channel is Display wherever they ran: Google's five and their synonyms. */
export const displayMediums: ReadonlySet<string> = new Set(
  "display banner expandable interstitial cpm vcpm ecpm ocpm gdn paiddisplay native programmatic rtb dsp".split(" "),
);

/** Paid mediums of campaigns that run on all of Google's networks at once. */
export const crossNetworkMediums: ReadonlySet<string> = new Set(
  "pmax performancemax demandgen crossnetwork".split(" "),
);
