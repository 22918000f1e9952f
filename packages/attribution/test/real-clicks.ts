/**
 * Landings as networks make them: what stands after `https://www.acme-shop.com/landing` or is the referrer, and what a marketer
 * calls it. One line each: `query | referrer | source / medium | channel`; a dash is nothing.
 */
export const realClicks = `
# Google Ads: auto-tagging, iOS (gbraid, wbraid), manual tags, Performance Max, Shopping, display partners, DV360, YouTube
?gad_source=1&gad_campaignid=21&gbraid=0AAA&gclid=Cj0KCQ | https://www.google.com/ | google / paid | Paid Search
?gbraid=0AAA | - | google / paid | Paid Search
?wbraid=Cj4K | https://www.google.com/ | google / paid | Paid Search
?gclid=EAIaI&gclsrc=aw.ds | https://www.google.de/ | google / paid | Paid Search
?gclid=Cj0KCQ | https://googleads.g.doubleclick.net/ | google / paid | Paid Search
?dclid=CKz | https://www.nytimes.com/ | google / paid | Display
- | https://tpc.googlesyndication.com/ | google / paid | Display
?utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=Cj0 | https://www.google.com/ | google / paid | Paid Search
?utm_source=google&utm_medium=cpc&utm_campaign=Shopping_DE&gclid=Cj0 | https://www.google.com/ | google / paid | Paid Shopping
?utm_source=google&utm_medium=pmax&utm_campaign=all | - | google / paid | Cross-network
?utm_source=google&utm_medium=cpc&utm_campaign=cross-network+q4 | - | google / paid | Cross-network
?utm_source=google&utm_medium=display | - | google / paid | Display
?utm_source=youtube&utm_medium=paid_video&gclid=Cj0 | https://www.youtube.com/ | youtube / paid | Paid Video
?utm_source=GoogleAds&utm_medium=PPC | - | google / paid | Paid Search
?srsltid=AfmBOo | https://www.google.com/ | google / organic | Organic Search
# Microsoft, Yandex, Baidu, Naver, Seznam
?msclkid=abc | https://www.bing.com/ | bing / paid | Paid Search
?utm_source=bing&utm_medium=cpc&msclkid=abc | https://www.bing.com/ | bing / paid | Paid Search
?msclkid=abc | https://duckduckgo.com/ | bing / paid | Paid Search
?yclid=123 | https://yandex.ru/ | yandex / paid | Paid Search
?ysclid=l7 | https://yandex.ru/ | yandex / organic | Organic Search
?bd_vid=98 | https://www.baidu.com/ | baidu / paid | Paid Search
?n_media=27758&n_query=x&n_ad=nad-1 | https://search.naver.com/ | naver / paid | Paid Search
?sznclid=1 | https://search.seznam.cz/ | seznam / paid | Paid Search
# Meta
?utm_source=facebook&utm_medium=cpc&fbclid=IwAR | https://l.facebook.com/ | facebook / paid | Paid Social
?utm_source=fb&utm_medium=paid&utm_campaign=120&fbclid=IwAR | http://m.facebook.com/ | facebook / paid | Paid Social
?utm_source=ig&utm_medium=paid_social&fbclid=IwAR | https://l.instagram.com/ | instagram / paid | Paid Social
?utm_source=an&utm_medium=cpm | - | facebook / paid | Paid Social
?utm_medium=cpc&fbclid=IwAR | - | facebook / paid | Paid Social
?fbclid=IwAR | - | facebook / social | Organic Social
?fbclid=IwAR | https://l.facebook.com/ | facebook / social | Organic Social
?fbclid=PAZX | https://l.instagram.com/ | instagram / social | Organic Social
?utm_source=ig&utm_medium=social&utm_content=link_in_bio&fbclid=PAZ | https://l.instagram.com/ | instagram / social | Organic Social
?utm_source=IGShopping&utm_medium=Social | - | instagram-shopping / social | Organic Shopping
?igsh=MzRl | - | instagram / social | Organic Social
# Other ad networks
?ttclid=E.C.P | https://www.tiktok.com/ | tiktok / paid | Paid Social
?utm_source=tiktok&utm_medium=cpc&ttclid=E.C.P | - | tiktok / paid | Paid Social
?li_fat_id=abc | https://www.linkedin.com/ | linkedin / paid | Paid Social
?twclid=2-abc | https://t.co/xyz | twitter / paid | Paid Social
?rdt_cid=3 | https://www.reddit.com/ | reddit / paid | Paid Social
?ScCid=a-b-c | - | snapchat / paid | Paid Social
?epik=dj0y | https://www.pinterest.com/ | pinterest / paid | Paid Social
?qclid=1 | https://www.quora.com/ | quora / paid | Paid Social
?rb_clickid=1 | https://vk.com/ | vk / paid | Paid Social
?ldtag_cl=1 | - | line / paid | Paid Social
?tblci=GiB | https://www.msn.com/ | taboola / paid | Display
?dicbo=v2 | https://www.cnn.com/ | outbrain / paid | Display
?cto_pld=x | - | criteo / paid | Display
?utm_source=taboola&utm_medium=native | - | taboola / paid | Display
?utm_source=criteo&utm_medium=retargeting | - | criteo / paid | Paid Other
?utm_source=amazon&utm_medium=cpc | - | amazon / paid | Paid Shopping
?utm_source=agency-x&utm_medium=paid-social | - | agency-x / paid | Paid Social
?utm_source=podcast-x&utm_medium=audio | - | podcast-x / audio | Audio
# Organic search
- | https://www.google.com/ | google / organic | Organic Search
- | https://www.google.com.br/ | google / organic | Organic Search
- | https://news.google.com/ | google-news / organic | Organic Search
- | android-app://com.google.android.googlequicksearchbox/ | google / organic | Organic Search
- | https://www.bing.com/ | bing / organic | Organic Search
- | https://duckduckgo.com/ | duckduckgo / organic | Organic Search
- | https://search.yahoo.com/ | yahoo / organic | Organic Search
- | https://r.search.yahoo.com/ | yahoo / organic | Organic Search
- | https://search.yahoo.co.jp/ | yahoo / organic | Organic Search
- | https://search.brave.com/ | brave / organic | Organic Search
- | https://www.ecosia.org/ | ecosia / organic | Organic Search
- | https://www.baidu.com/link?url=x | baidu / organic | Organic Search
- | https://ya.ru/ | yandex / organic | Organic Search
- | https://m.search.naver.com/ | naver / organic | Organic Search
- | https://www.startpage.com/ | startpage / organic | Organic Search
- | https://kagi.com/ | kagi / organic | Organic Search
?utm_source=google&utm_medium=organic&utm_campaign=gbp | https://www.google.com/ | google / organic | Organic Search
# Social, and the web-views of apps
- | https://m.facebook.com/ | facebook / social | Organic Social
- | https://lm.facebook.com/ | facebook / social | Organic Social
- | http://instagram.com/ | instagram / social | Organic Social
- | android-app://com.instagram.android/ | instagram / social | Organic Social
- | android-app://com.facebook.katana | facebook / social | Organic Social
- | https://l.threads.net/ | threads / social | Organic Social
- | https://t.co/ | twitter / social | Organic Social
- | android-app://com.twitter.android/https/t.co/abc | twitter / social | Organic Social
- | https://x.com/ | twitter / social | Organic Social
- | https://www.linkedin.com/ | linkedin / social | Organic Social
- | https://lnkd.in/abc | linkedin / social | Organic Social
- | android-app://com.linkedin.android/ | linkedin / social | Organic Social
- | https://out.reddit.com/ | reddit / social | Organic Social
- | android-app://com.reddit.frontpage/ | reddit / social | Organic Social
- | https://www.tiktok.com/ | tiktok / social | Organic Social
- | https://www.pinterest.de/ | pinterest / social | Organic Social
- | https://bsky.app/ | bluesky / social | Organic Social
- | https://go.bsky.app/ | bluesky / social | Organic Social
- | https://mastodon.social/ | mastodon / social | Organic Social
- | https://news.ycombinator.com/ | hacker-news / social | Organic Social
- | https://away.vk.com/ | vk / social | Organic Social
- | https://web.telegram.org/ | telegram / social | Organic Social
- | android-app://org.telegram.messenger/ | telegram / social | Organic Social
- | https://discord.com/ | discord / social | Organic Social
- | https://web.whatsapp.com/ | whatsapp / social | Organic Social
# Video
- | https://www.youtube.com/ | youtube / video | Organic Video
- | android-app://com.google.android.youtube/ | youtube / video | Organic Video
- | ios-app://544007664/youtube | youtube / video | Organic Video
- | https://vimeo.com/ | vimeo / video | Organic Video
- | https://www.twitch.tv/ | twitch / video | Organic Video
# AI assistants
?utm_source=chatgpt.com | - | chatgpt / unknown | AI Assistants
?utm_source=chatgpt.com | https://chatgpt.com/ | chatgpt / unknown | AI Assistants
- | https://chatgpt.com/ | chatgpt / ai | AI Assistants
- | https://chat.openai.com/ | chatgpt / ai | AI Assistants
- | android-app://com.openai.chatgpt/ | chatgpt / ai | AI Assistants
- | https://www.perplexity.ai/ | perplexity / ai | AI Assistants
- | https://gemini.google.com/ | gemini / ai | AI Assistants
- | https://copilot.microsoft.com/ | copilot / ai | AI Assistants
- | https://claude.ai/ | claude / ai | AI Assistants
- | https://chat.deepseek.com/ | deepseek / ai | AI Assistants
- | https://grok.com/ | grok / ai | AI Assistants
- | https://chat.mistral.ai/ | mistral / ai | AI Assistants
- | https://www.meta.ai/ | meta-ai / ai | AI Assistants
?utm_source=chatgpt&utm_medium=cpc | - | chatgpt / paid | Paid Other
# E-mail
?utm_source=newsletter&utm_medium=email&utm_campaign=may | - | newsletter / email | Email
?utm_source=hs_email&utm_medium=email&_hsenc=p2 | https://mail.google.com/ | hs_email / email | Email
?mc_cid=1&mc_eid=2 | - | mailchimp / email | Email
?_kx=abc | - | klaviyo / email | Email
?mkt_tok=abc | https://outlook.office.com/ | marketo / email | Email
- | https://mail.google.com/ | gmail / email | Email
- | https://outlook.live.com/ | outlook / email | Email
- | https://eur01.safelinks.protection.outlook.com/ | outlook / email | Email
- | https://mail.yahoo.com/ | yahoo-mail / email | Email
- | https://deref-gmx.net/ | gmx-mail / email | Email
- | android-app://com.google.android.gm/ | gmail / email | Email
# Affiliates, shops, SMS, push, referrals
?awc=1_2_3 | https://www.awin1.com/ | awin / affiliate | Affiliates
?irclickid=x | https://blog.partner.com/ | impact / affiliate | Affiliates
?utm_source=partnerize&utm_medium=affiliate | - | partnerize / affiliate | Affiliates
- | https://www.amazon.de/ | amazon / referral | Organic Shopping
- | https://www.idealo.de/ | idealo / referral | Organic Shopping
?utm_source=sms&utm_medium=text | - | sms / text | SMS
?utm_source=app&utm_medium=web-push | - | app / web-push | Mobile Push Notifications
?utm_source=partner&utm_medium=referral | - | partner / referral | Referral
- | https://blog.partner.co.uk/review | partner.co.uk / referral | Referral
- | https://github.com/acme/app | github.com / referral | Referral
- | android-app://com.slack/ | slack.com / referral | Referral
?ref=producthunt | https://www.producthunt.com/ | product-hunt / social | Organic Social
# Going on with a visit
- | https://acme-shop.com/ | internal / direct | Direct
- | https://checkout.acme-shop.com/pay | internal / direct | Direct
- | https://checkout.stripe.com/ | internal / direct | Direct
- | https://www.paypal.com/ | internal / direct | Direct
- | https://accounts.google.com/ | internal / direct | Direct
- | https://appleid.apple.com/ | internal / direct | Direct
- | https://login.microsoftonline.com/ | internal / direct | Direct
# Nothing
- | - | direct / direct | Direct
?utm_source={{site_source_name}}&utm_medium={{placement}} | - | direct / direct | Direct
?utm_source=(direct)&utm_medium=(none) | - | (direct) / unknown | Direct
`;
