import { type Mappings, words } from './mapping.ts';

const installing = '{target} is to be installed on {device}';

/**
 * Fleet's activities (https://github.com/fleetdm/fleet, docs/Contributing/reference/audit-logs.md), the answers of
 * hosts to queries and policies, its webhooks and osquery's logs.
 */
export const fleetMappings: Mappings = {
  ...words({
    LOGIN: 'user_logged_in',
    LOGIN_FAILED: 'user_failed_login',
    USER_CREATED: 'created_user',
    USER_DELETED: 'deleted_user',
    USER_ROLE_CHANGED:
      'changed_user_global_role deleted_user_global_role changed_user_team_role deleted_user_team_role',
    DEVICE_REGISTERED: 'fleet_enrolled',
    DEVICE_DELETED: 'deleted_host',
    DEVICE_UPDATED: 'edited_host_idp_data cleared_passcode',
    MDM_ENROLLED: 'mdm_enrolled',
    MDM_UNENROLLED: 'mdm_unenrolled',
    MDM_ENABLED: 'enabled_windows_mdm enabled_android_mdm enabled_windows_mdm_migration',
    MDM_DISABLED: 'disabled_windows_mdm disabled_android_mdm disabled_windows_mdm_migration',
    AUTOMATION_ENABLED: 'enabled_activity_automations enabled_conditional_access_automations',
    AUTOMATION_DISABLED: 'disabled_activity_automations disabled_conditional_access_automations',
    AUTOMATION_UPDATED: 'edited_activity_automations',
    PACK_CREATED: 'created_pack',
    PACK_UPDATED: 'edited_pack',
    PACK_DELETED: 'deleted_pack',
    PACK_APPLIED: 'applied_spec_pack',
    POLICY_APPLIED: 'created_policy edited_policy',
    QUERY_CREATED: 'created_saved_query',
    QUERY_UPDATED: 'edited_saved_query',
    QUERY_DELETED: 'deleted_saved_query',
    GROUP_CREATED: 'created_team created_label',
    GROUP_UPDATED: 'edited_label',
    GROUP_DELETED: 'deleted_team deleted_label',
    CONFIGURATION_UPDATED:
      'edited_agent_options edited_macos_min_version edited_ios_min_version edited_ipados_min_version ' +
      'edited_windows_updates changed_macos_setup_assistant edited_setup_experience_software ' +
      'edited_enroll_secrets edited_android_certificate enabled_macos_setup_end_user_auth ' +
      'disabled_macos_setup_end_user_auth enabled_macos_update_new_hosts disabled_macos_update_new_hosts ' +
      'enabled_gitops_mode disabled_gitops_mode enabled_gitops_exception disabled_gitops_exception ' +
      'enabled_historical_dataset disabled_historical_dataset enabled_recovery_lock_password ' +
      'disabled_recovery_lock_password enabled_managed_local_account disabled_managed_local_account',
    CONFIGURATION_CREATED: 'created_custom_variable added_bootstrap_package created_managed_local_account',
    CONFIGURATION_DELETED: 'deleted_custom_variable deleted_bootstrap_package deleted_macos_setup_assistant',
    DISK_ENCRYPTION_ENABLED: 'enabled_macos_disk_encryption',
    DISK_ENCRYPTION_DISABLED: 'disabled_macos_disk_encryption',
    DISK_ENCRYPTION_KEY_READ: 'read_host_disk_encryption_key',
    DISK_ENCRYPTION_KEY_ESCROWED: 'escrowed_disk_encryption_key',
    PROFILE_CREATED:
      'created_macos_profile created_windows_profile created_android_profile created_declaration_profile',
    PROFILE_UPDATED:
      'edited_macos_profile edited_windows_profile edited_android_profile edited_declaration_profile ' +
      'edited_configuration_profile',
    PROFILE_DELETED:
      'deleted_macos_profile deleted_windows_profile deleted_android_profile deleted_declaration_profile',
    PROFILE_APPLIED: 'resent_configuration_profile resent_configuration_profile_batch resent_certificate',
    SCRIPT_CREATED: 'added_script',
    SCRIPT_UPDATED: 'updated_script',
    BATCH_OPERATION_STARTED: 'scheduled_script_batch',
    BATCH_OPERATION_COMPLETED: 'ran_script_batch',
    BATCH_OPERATION_CANCELED: 'canceled_script_batch',
    HOST_LOCKED: 'locked_host',
    HOST_UNLOCKED: 'unlocked_host',
    HOST_WIPED: 'wiped_host failed_wipe',
    SOFTWARE_CREATED: 'added_software added_app_store_app',
    SOFTWARE_UPDATED: 'edited_software edited_app_store_app',
    SOFTWARE_DELETED: 'deleted_software deleted_app_store_app',
    SOFTWARE_INSTALLATION_CANCELED:
      'canceled_install_software canceled_install_app_store_app canceled_setup_experience',
    INTEGRATION_ADDED:
      'enabled_vpp added_ndes_scep_proxy added_custom_scep_proxy added_digicert added_hydrant added_smallstep ' +
      'added_custom_est_proxy added_conditional_access_integration_microsoft added_conditional_access_okta',
    INTEGRATION_UPDATED:
      'edited_ndes_scep_proxy edited_custom_scep_proxy edited_digicert edited_hydrant edited_smallstep ' +
      'edited_custom_est_proxy',
    INTEGRATION_DELETED:
      'disabled_vpp deleted_ndes_scep_proxy deleted_custom_scep_proxy deleted_digicert deleted_hydrant ' +
      'deleted_smallstep deleted_custom_est_proxy deleted_conditional_access_integration_microsoft ' +
      'deleted_conditional_access_okta',
    QUERY_EXECUTED: 'execute_scheduled_query osquery.result osquery.result.added osquery.result.removed',
    POLICY_VIOLATION: 'policy_membership_fail',
    SYSTEM_STATUS: 'osquery.status',
  }),
  user_added_by_sso: { type: 'USER_CREATED', sentence: '{actor} was added by single sign-on' },
  applied_spec_policy: { type: 'POLICY_APPLIED', sentence: '{actor} applied policies' },
  applied_spec_saved_query: { type: 'QUERY_UPDATED', sentence: '{actor} applied queries' },
  applied_spec_team: { type: 'GROUP_UPDATED', sentence: '{actor} applied teams' },
  transferred_hosts: { type: 'GROUP_UPDATED', sentence: '{actor} moved hosts to {target}' },
  deleted_multiple_saved_query: { type: 'QUERY_DELETED', sentence: '{actor} deleted queries of {target}' },
  edited_script: { type: 'SCRIPT_UPDATED', sentence: '{actor} changed the scripts of {target}' },
  installed_software: { type: 'SOFTWARE_INSTALLED', pending: installing },
  installed_app_store_app: { type: 'SOFTWARE_INSTALLED', pending: installing },
  installed_certificate: { type: 'SOFTWARE_INSTALLED', pending: installing },
  uninstalled_software: {
    type: 'SOFTWARE_UNINSTALLED',
    pending: '{target} is to be uninstalled from {device}',
  },
  // A deleted policy is not an applied one; the taxonomy has no word of its own for it.
  deleted_policy: { type: 'CONFIGURATION_DELETED', sentence: '{actor} deleted the policy {target}' },
  deleted_script: { type: 'SCRIPT_UPDATED', sentence: '{actor} deleted the script {target}' },
  policy_membership_pass: { type: 'POLICY_APPLIED', sentence: '{device} passes {target}' },
  policy_membership_unknown: { type: 'COMPLIANCE_CHECK', sentence: '{device} has not answered {target}' },
  live_query: { type: 'QUERY_EXECUTED', sentence: '{actor} ran a live query {target}' },
  ran_script: {
    type: 'SCRIPT_EXECUTED',
    failed: 'SCRIPT_FAILED',
    sentence: '{actor} ran {target} on {device}',
  },
  canceled_run_script: {
    type: 'BATCH_OPERATION_CANCELED',
    sentence: '{actor} canceled {target} on {device}',
  },
  canceled_uninstall_software: {
    type: 'SOFTWARE_INSTALLATION_CANCELED',
    sentence: '{actor} canceled the removal of {target} from {device}',
  },
  read_host_recovery_lock_password: {
    type: 'DISK_ENCRYPTION_KEY_READ',
    sentence: '{actor} read the recovery lock password of {device}',
  },
  read_managed_local_account: {
    type: 'DISK_ENCRYPTION_KEY_READ',
    sentence: '{actor} read the local account password of {device}',
  },
  retrieved_host_my_device_url: {
    type: 'DISK_ENCRYPTION_KEY_READ',
    sentence: '{actor} fetched the link to the device page of {device}',
  },
  escrowed_recovery_lock_password: {
    type: 'DISK_ENCRYPTION_KEY_ESCROWED',
    sentence: 'The recovery lock password of {device} was escrowed',
  },
  rotated_recovery_lock_password: {
    type: 'PASSWORD_CHANGED',
    sentence: 'The recovery lock password of {device} was rotated',
  },
  rotated_managed_local_account_password: {
    type: 'PASSWORD_CHANGED',
    sentence: 'The local account password of {target} was rotated',
  },
  failed_enrollment_profile_renewal: {
    type: 'MDM_UNENROLLED',
    sentence: 'The enrollment profile of {device} could not be renewed',
  },
  recent_vulnerability: {
    type: 'POLICY_VIOLATION',
    sentence: '{device} has software with the vulnerability {target}',
  },
  host_status: { type: 'DEVICE_OFFLINE', sentence: '{message}' },
};
