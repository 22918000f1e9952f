/** Names of parameters that hold a secret or a person, written without separators and case: `access_token` is `accesstoken`. */
const names = new Set(
  `pwd pass pin otp auth authorization bearer sig sid session sessionid phpsessid jsessionid aspsessionid cfid cftoken
   csrf xsrf assertion samlrequest samlresponse samlart ticket oobcode accesskey privatekey ssn dob birthdate birthday
   cvv cvc iban phone phonenumber tel mobile msisdn mail firstname lastname fullname username`.split(/\s+/),
);

/** Pieces that make any name sensitive, wherever they stand in it: `user[email]`, `reset_password`, `X-Amz-Signature`. */
const pieces =
  "token password passwd passphrase secret email apikey credential signature jwt creditcard cardnumber".split(" ");

/** A name without case and separators. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s._:[\]-]+/g, "");
}

/** Whether a parameter of this name is cut from every url. */
export function isSensitiveName(plain: string): boolean {
  return names.has(plain) || pieces.some((piece) => plain.includes(piece));
}

const longestAddress = 320;
const emailAddress = /^[^\s@/:?#]+@[^\s@/:?#]+\.[^\s@/:?#]+$/;
const jsonWebToken = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

/** Whether a value gives itself away: an e-mail address or a JSON web token, under whatever name. */
export function isSensitiveValue(value: string): boolean {
  return (value.length <= longestAddress && emailAddress.test(value)) || jsonWebToken.test(value);
}
