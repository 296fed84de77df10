// What of OpenSSL are macros has a function here, named as the macro.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int cssl_initialize(void) {
    return OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
}
static inline int cssl_set_min_proto_version(SSL_CTX *context, int version) { return (int)SSL_CTX_set_min_proto_version(context, version); }
static inline long cssl_set_mode(SSL_CTX *context, long mode) { return SSL_CTX_set_mode(context, mode); }
static inline int cssl_set_tlsext_host_name(SSL *session, const char *name) { return (int)SSL_set_tlsext_host_name(session, name); }
static inline int cssl_add0_chain_cert(SSL_CTX *context, X509 *certificate) { return (int)SSL_CTX_add0_chain_cert(context, certificate); }
static inline int cssl_get_error_reason(unsigned long error) { return ERR_GET_REASON(error); }
static inline int cssl_get_error_library(unsigned long error) { return ERR_GET_LIB(error); }
static inline size_t cssl_bio_pending(BIO *bio) { return BIO_ctrl_pending(bio); }
static inline int cssl_set1_chain_cert_store(SSL_CTX *context, X509_STORE *store) { return (int)SSL_CTX_set1_chain_cert_store(context, store); }
static inline int cssl_general_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline const GENERAL_NAME *cssl_general_name(const GENERAL_NAMES *names, int index) { return sk_GENERAL_NAME_value(names, index); }
static inline const ASN1_STRING *cssl_general_name_string(const GENERAL_NAME *name) {
    return name->type == GEN_DNS ? (const ASN1_STRING *)name->d.dNSName : name->type == GEN_IPADD ? (const ASN1_STRING *)name->d.iPAddress : NULL;
}
static inline int cssl_general_name_type(const GENERAL_NAME *name) { return name->type; }
static inline void cssl_free_general_names(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }
static inline uint64_t cssl_op_no_ticket(void) { return SSL_OP_NO_TICKET; }
static inline uint64_t cssl_op_no_renegotiation(void) { return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION; }
#include <time.h>
static inline time_t cssl_now(void) { return time(NULL); }
static inline unsigned long cssl_xn_flag_rfc2253(void) { return XN_FLAG_RFC2253; }
static inline void cssl_remember_refused(X509_STORE_CTX *verification) {
    SSL *session = X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx());
    X509 *certificate = X509_STORE_CTX_get0_cert(verification);
    if (!session || !certificate || SSL_get_app_data(session) || !X509_up_ref(certificate)) return;
    SSL_set_app_data(session, (char *)certificate);
}
static inline X509 *cssl_refused(const SSL *session) { return (X509 *)SSL_get_app_data(session); }
