/** Public suffixes under which Google runs its search. */
export const googleSuffixes = `
  com ad ae al am as at az ba be bf bg bi bj bs bt by ca cat cd cf cg ch ci cl cm cn cv cz de dj dk dm dz ee es fi fm
  fr ga ge gg gl gm gp gr gy hn hr ht hu ie im iq is it je jo kg ki kz la li lk lt lu lv md me mg mk ml mn ms mu mv mw
  ne nl no nr nu pl pn ps pt ro rs ru rw sc se sh si sk sm sn so sr st td tg tk tl tm tn to tt vg vu ws
  co.ao co.bw co.ck co.cr co.id co.il co.in co.jp co.ke co.kr co.ls co.ma co.mz co.nz co.th co.tz co.ug co.uk co.uz
  co.ve co.vi co.za co.zm co.zw
  com.af com.ag com.ai com.ar com.au com.bd com.bh com.bn com.bo com.br com.bz com.co com.cu com.cy com.do com.ec
  com.eg com.et com.fj com.gh com.gi com.gt com.hk com.iq com.jm com.kh com.kw com.lb com.lc com.ly com.mm com.mt
  com.mx com.my com.na com.nf com.ng com.ni com.np com.om com.pa com.pe com.pg com.ph com.pk com.pr com.py com.qa
  com.sa com.sb com.sg com.sl com.sv com.tj com.tr com.tw com.ua com.uy com.vc com.vn`;

export const yandexSuffixes = `
  ru com by kz ua uz fr eu ee lt lv md tj tm kg az pl st com.tr com.ge com.am co.il com.ua`;

export const amazonSuffixes = `
  com ca de fr it es nl se pl ie in sg ae sa eg cn co.uk co.jp co.za com.mx com.br com.au com.be com.tr com.co`;

export const ebaySuffixes = `
  com ca de fr it es nl at ch ie pl in ph co.uk com.au com.hk com.sg com.my be co.th vn`;

export const mercadoLibreSuffixes = `
  com com.ar com.mx com.co com.pe com.uy com.ve com.ec com.bo com.py com.do com.gt com.hn com.ni com.pa com.sv cl co.cr`;

export const pinterestSuffixes = `
  com at be ca ch cl de dk es fr hu ie info it jp nl nz ph pt ru se co.kr co.uk co.in com.au com.mx com.uy com.vn`;

export const shopeeSuffixes = "sg ph pl fr es vn tw cn io com com.my com.br com.co com.mx cl co.id co.th";

export const zalandoSuffixes = "de at ch fr it es nl be pl se dk fi no ie cz sk si hr ee lv lt hu ro com co.uk";
