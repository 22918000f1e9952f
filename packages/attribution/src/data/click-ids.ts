/** A parameter that a network adds to the links it sends people out with. */
export interface ClickId {
  /** Lower case; parameter names are matched in any case. */
  parameter: string;
  /** Source name of the network. */
  network: string;
  /** `paid`: only ever on ads. The others are put on every link of their kind. */
  medium: "paid" | "social" | "organic" | "email" | "affiliate";
  /** The ads are banners and videos on other sites, so the channel is Display. */
  isDisplay: boolean;
}

const table: Record<ClickId["medium"], Record<string, string>> = {
  paid: {
    google: "gclid gbraid wbraid gclsrc gad_source gad_campaignid dclid*",
    bing: "msclkid",
    tiktok: "ttclid",
    linkedin: "li_fat_id",
    twitter: "twclid",
    reddit: "rdt_cid",
    snapchat: "sccid",
    pinterest: "epik",
    quora: "qclid",
    nextdoor: "ndclid",
    yandex: "yclid ymclid",
    vk: "rb_clickid",
    seznam: "sznclid",
    naver: "n_ad",
    baidu: "bd_vid",
    line: "ldtag_cl",
    outbrain: "dicbo*",
    taboola: "tblci*",
    revcontent: "rc_uuid*",
    criteo: "cto_pld*",
  },
  social: { facebook: "fbclid", instagram: "igshid igsh", twitter: "__twitter_impression" },
  organic: { google: "srsltid", yandex: "ysclid" },
  email: {
    mailchimp: "mc_cid mc_eid",
    hubspot: "_hsenc _hsmi",
    marketo: "mkt_tok",
    klaviyo: "_kx _ke",
    "salesforce-marketing-cloud": "sfmc_sub sfmc_id et_rid",
    eloqua: "elqtrackid",
    acoustic: "spmailingid spuserid spjobid spreportid",
    keap: "inf_contact_key",
    activecampaign: "vgo_ee",
    listrak: "trk_contact trk_msg",
    emarsys: "sc_llid sc_eh",
    dotdigital: "dm_i",
    bronto: "_bta_tid _bta_c",
    vero: "vero_id vero_conv",
    omeda: "oly_enc_id oly_anon_id",
    kit: "ck_subscriber_id",
    mailerlite: "ml_subscriber ml_subscriber_hash",
    beehiiv: "_bhlid",
    drip: "__s",
  },
  affiliate: {
    awin: "awc zanpid",
    "commission-junction": "cjevent",
    impact: "irclickid irgwc",
    "rakuten-advertising": "ransiteid raneaid",
    shareasale: "sscid",
    tradedoubler: "tduid",
    partnerize: "clickref",
    admitad: "admitad_uid",
    avantlink: "avad",
    everflow: "_ef_transaction_id",
    refersion: "rfsn",
  },
};

function entry(medium: ClickId["medium"], network: string, parameter: string): ClickId {
  return { parameter: parameter.replace("*", ""), network, medium, isDisplay: parameter.endsWith("*") };
}

/** Every known click id, paid ones first. */
export const clickIds: readonly ClickId[] = (["paid", "social", "organic", "email", "affiliate"] as const).flatMap(
  (medium) =>
    Object.entries(table[medium]).flatMap(([network, parameters]) =>
      parameters.split(" ").map((parameter) => entry(medium, network, parameter)),
    ),
);
